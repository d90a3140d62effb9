import { SqlError } from '../contracts.ts';

/** A request that this server understands well enough to refuse; the connection lives on. */
export class Unsupported extends SqlError {
  constructor(text: string) {
    // unknown: a number of the real server that fits, since the real server supports all of these.
    super({ number: 50000, class: 16, state: 1, text });
  }
}
