// The layers of AGENTS.md, as a check: who may import whom, and no cycles.

import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readAll, report, SOURCE_TOPS, sourceFiles } from './files.mjs';
import { root } from './node.mjs';
import { scanImports } from './scan-imports.mjs';

const BUILTINS = new Set(builtinModules);
const isBuiltin = (specifier) => specifier.startsWith('node:') || BUILTINS.has(specifier.split('/')[0]);
const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
const isReact = (name) => /^(react|react-dom|zustand|@tanstack\/.*|ink|preact)$/.test(name);

/** The folders inside agent-core that the inner rules know. */
const isPart =
  (...parts) =>
  (file) =>
    parts.some((part) => file.startsWith(`agent-core/${part}/`) || file === `agent-core/${part}.ts`);
const inProtocol = (file) => file.startsWith('agent-core/protocol/');
const inBridge = (file) => file.startsWith('webview/bridge/');

/** Each rule: files it binds, and for one import of such a file the reason why it is forbidden, or nothing. */
const RULES = [
  {
    binds: inProtocol,
    refuse: ({ file, builtin, name }) => {
      if (builtin || (name && name !== 'zod')) return 'agent-core/protocol imports only zod';
      return file && !inProtocol(file) ? 'agent-core/protocol imports nothing else of ours' : undefined;
    },
  },
  {
    binds: (file) => file.startsWith('agent-core/') && !inProtocol(file),
    refuse: ({ file, name, from }) => {
      if (file && !/^(agent-core|sandbox)\//.test(file)) return 'agent-core imports only agent-core and sandbox';
      if (name === 'vscode' || name === 'vscode-languageclient') return 'agent-core never imports the editor';
      return name && isReact(name) && !from.startsWith('agent-core/surfaces/tui/')
        ? 'agent-core never imports React'
        : undefined;
    },
  },
  {
    binds: isPart('tools', 'models', 'approvals'),
    refuse: ({ file }) =>
      file && isPart('loop', 'server', 'threads')(file)
        ? 'tools, models and approvals never import loop, server or threads'
        : undefined,
  },
  {
    binds: isPart('loop'),
    refuse: ({ file }) => (file && isPart('server')(file) ? 'loop never imports server' : undefined),
  },
  {
    binds: isPart('ports'),
    refuse: ({ file }) =>
      file && isPart('loop', 'tools', 'server')(file) ? 'ports never import loop, tools or server' : undefined,
  },
  {
    binds: (file) => file.startsWith('sandbox/'),
    refuse: ({ file, builtin, name }) => {
      if (name && !builtin && name !== 'execa') return 'sandbox imports only Node and execa';
      return file && !file.startsWith('sandbox/') ? 'sandbox imports nothing else of ours' : undefined;
    },
  },
  {
    binds: (file) => file.startsWith('extension/'),
    refuse: ({ file, name }) => {
      if (name && isReact(name)) return 'extension never imports React';
      return file && !file.startsWith('extension/') && !inProtocol(file) && !inBridge(file)
        ? 'extension imports only agent-core/protocol and webview/bridge of ours'
        : undefined;
    },
  },
  {
    binds: (file) => file.startsWith('webview/'),
    refuse: ({ file, builtin, name, typeOnly }) => {
      if (builtin) return 'webview never imports Node';
      if (name === 'vscode') return 'webview never imports vscode';
      if (file && inProtocol(file))
        return typeOnly ? undefined : 'webview imports agent-core/protocol as types only (`import type`)';
      return file && !file.startsWith('webview/') ? 'webview imports only its own files' : undefined;
    },
  },
  {
    binds: inBridge,
    refuse: ({ file, name }) => {
      if (name && name !== 'zod') return 'webview/bridge imports only zod';
      return file && !inBridge(file) && !inProtocol(file)
        ? 'webview/bridge imports nothing else of webview'
        : undefined;
    },
  },
  {
    binds: (file) => !file.startsWith('test/'),
    refuse: ({ file }) => (file?.startsWith('test/') ? 'nothing imports test' : undefined),
  },
];

/** One cycle for each group of files that import each other, as a list of paths that ends where it began. */
export function findCycles(graph) {
  const state = new Map();
  const cycles = [];
  const visit = (file, trail) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(file)), file]);
      return;
    }
    state.set(file, 'open');
    for (const next of graph.get(file) ?? []) visit(next, [...trail, file]);
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file, []);
  return cycles;
}

/**
 * Checks a set of files, given as a map from repository path to text, against the rules.
 * `declared`: names of the packages that package.json lists; undefined turns that check off.
 * Returns one line for each problem.
 */
export function checkImports(files, declared) {
  const problems = [];
  const graph = new Map();
  for (const [from, text] of files) {
    const edges = new Set();
    graph.set(from, edges);
    for (const { specifier, typeOnly } of scanImports(text)) {
      const say = (reason) => problems.push(`${from}: '${specifier}': ${reason}`);
      const relative = specifier.startsWith('.');
      const file = relative ? path.posix.normalize(path.posix.join(path.posix.dirname(from), specifier)) : undefined;
      const builtin = !relative && isBuiltin(specifier);
      const name = relative || builtin ? undefined : packageOf(specifier);
      if (relative && !/\.(tsx?|css|json|mjs|svg|ttf)$/.test(specifier)) say('a relative import ends in .ts or .tsx');
      else if (relative && /\.tsx?$/.test(specifier) && !files.has(file)) say('there is no such file');
      if (builtin && !specifier.startsWith('node:')) say(`write 'node:${specifier}'`);
      if (name && name !== 'vscode' && declared && !declared.has(name))
        say('the package is not listed in package.json');
      if (files.has(file)) edges.add(file);
      for (const { binds, refuse } of RULES) {
        const reason = binds(from) && refuse({ from, file, builtin, name, typeOnly });
        if (reason) say(reason);
      }
    }
  }
  for (const cycle of findCycles(graph)) problems.push(`cycle: ${cycle.join(' -> ')}`);
  return problems;
}

/** The whole repository's problems. */
export function checkRepository() {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const declared = new Set(
    ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((key) => Object.keys(manifest[key] ?? {})),
  );
  return checkImports(readAll(sourceFiles(SOURCE_TOPS, (file) => /\.tsx?$/.test(file))), declared);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (!report('imports', checkRepository())) process.exit(1);
  console.log('Imports keep to the layers.');
}
