import type { ServerResponse } from 'node:http';

/** The log of a container: those who follow it hear of what is written, until it ends. */
export class FakeLog {
  readonly #readers = new Set<ServerResponse>();
  #text = '';
  #ended = false;

  write(text: string): void {
    this.#text += text;
    for (const reader of this.#readers) reader.write(text);
  }

  say(line: object): void {
    this.write(`${JSON.stringify({ time: new Date().toISOString(), ...line })}\n`);
  }

  end(): void {
    this.#ended = true;
    for (const reader of this.#readers) reader.end();
  }

  breakOff(): void {
    for (const reader of this.#readers) reader.destroy();
  }

  serve(response: ServerResponse, query: URLSearchParams): void {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.flushHeaders();
    const tail = Number(query.get('tailLines') ?? 0);
    response.write(
      tail === 0
        ? this.#text
        : this.#text
            .split('\n')
            .slice(-tail - 1)
            .join('\n'),
    );
    if (this.#ended || query.get('follow') !== 'true') {
      response.end();
      return;
    }
    this.#readers.add(response);
    response.on('close', () => this.#readers.delete(response));
  }
}
