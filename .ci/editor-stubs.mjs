// Plain JavaScript in place of three native modules that the editor's server and its git extension load at start.

const WATCHDOG = `
exports.start = (pid) => { setInterval(() => { try { process.kill(pid, 0); } catch { process.exit(87); } }, 5000).unref(); };
exports.exit = (code) => process.exit(code || 0);
`;

const COPY_FILE = `
import fs from 'node:fs';
export const constants = fs.constants, copyFile = fs.promises.copyFile, copyFileSync = fs.copyFileSync, cp = fs.promises.cp;
export const isCloneSupported = () => false;
`;

// One export assignment a line: an ESM import finds the names of a CommonJS module by parsing it.
const LOG = `
const fs = require('fs'), path = require('path');
const names = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];
class Logger {
  constructor(type, name, file) { this.file = file; this.level = 2; this.raw = false; fs.mkdirSync(path.dirname(file), { recursive: true }); }
  write(level, text) {
    if (level < this.level || !this.file) return;
    const line = this.raw ? text : new Date().toISOString().replace('T', ' ').slice(0, -1) + ' [' + names[level] + '] ' + text + '\\n';
    try { fs.appendFileSync(this.file, line); } catch {}
  }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  setPattern() {}
  clearFormatters() { this.raw = true; }
  flush() {}
  drop() { this.file = undefined; }
}
['trace', 'debug', 'info', 'warn', 'error', 'critical'].forEach((name, level) => { Logger.prototype[name] = function (text) { this.write(level, text); }; });
const make = async (name, file) => new Logger('rotating', name, file);
exports.version = 'js';
exports.Logger = Logger;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.createRotatingLogger = make;
exports.createAsyncRotatingLogger = make;
`;

/** File below the server's node_modules → its text. */
export const editorStubs = () => ({
  '@vscode/native-watchdog/index.js': WATCHDOG,
  '@vscode/fs-copyfile/lib/index.js': COPY_FILE,
  '@vscode/spdlog/index.js': LOG,
});
