import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** Preloaded before a program: at its end, every module that it loaded stands in the file MODULES_FILE names, one a line. */
const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
process.on('exit', () => writeFileSync(process.env['MODULES_FILE'] ?? '', loaded.join('\n')));
