// The rules about the source that no other tool holds; docs/architecture.md says why.
//
//   node scripts/check-boundaries.mjs [FOLDER]     prints what is wrong, status 1 if anything is
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where TypeScript may use Node.js's modules: the loader of the addon, and what is for Node only. */
const MAY_USE_NODE = [
  /^src\/native\//,
  /^src\/bundle\//,
  /^src\/sandbox\//,
  /^src\/library\//,
  /(^|\/)testing\//,
  /\.test\.ts$/,
];
const NODE_MODULE = /(?:from\s+|import\s*\(\s*|import\s+|require\s*\(\s*)['"](?:node:[^'"]+)['"]/;

/** What Node.js has beyond the language: missing in the standalone host, found only when it runs. */
const NODE_GLOBAL =
  /(?<![\w.'"`$])(?:Buffer|TextDecoder|TextEncoder|process(?=\.)|console|setTimeout|setInterval|setImmediate|queueMicrotask|structuredClone|URL|performance|AbortController|fetch|Intl)\s*[.(]/;
/** These files are only for Node.js, or are the stand-ins themselves. */
const MAY_USE_GLOBALS = [
  /^src\/cli\/entry\.ts$/,
  /^src\/native\/(?!binding|constants|names)/,
  /^src\/sandbox\//,
  /^src\/library\//,
];

/** The headers of the engines that host the core. */
const ENGINE_HEADER =
  /^\s*#\s*include\s*[<"](?:[\w/]*\/)?(?:napi|node_api|js_native_api|quickjs|quickjs-libc|v8|uv)\.h[>"]/;
const MAY_USE_ENGINE = /^native\/host\//;

const LONGEST = 400;
/** In the first lines of a longer file: why. */
const SAYS_WHY = /\b(long because|is long|one table|because it is a table)\b/i;
const TOP_LINES = 20;
const GENERATED = /\.gen\.(ts|js)$/;
const SOURCE = /\.(ts|mjs|cc|h|sh)$/;

const EMPTY_PROMISE = /\b(TODO|FIXME|XXX)\b/;

/** A test that is left out, or alone, without a word why: what the runner sees only where it runs. */
const SILENT_SKIP =
  /\.skip\(\s*\)|\bskip:\s*true\b|\b(?:test|it|describe|suite)\.(?:only|skip)\(|\bonly:\s*true\b/;
const TEST = /^(src|conformance)\/.*\.ts$/;

/** Names that the file itself declares are its own. */
function usesGlobal(line, text) {
  if (/^\s*(\*|\/\/|\/\*)/.test(line)) return false;
  const name = NODE_GLOBAL.exec(line)?.[0].match(/\w+/)?.[0];
  if (name === undefined) return false;
  return !new RegExp(`\\b(?:const|let|function|import)\\b[^;=]*\\b${name}\\b|\\b${name}\\??:`).test(
    text,
  );
}

/** What is wrong with one file: lines of `path:line: fault`. */
export function checkFile(file, text) {
  const faults = [];
  const lines = text.split('\n');
  const at = (index, fault) => faults.push(`${file}:${index + 1}: ${fault}`);
  const inRuntime = /^src\/.*\.ts$/.test(file) && !MAY_USE_NODE.some((rule) => rule.test(file));
  const inCore = /^(native|conformance)\/.*\.(cc|h)$/.test(file) && !MAY_USE_ENGINE.test(file);
  lines.forEach((line, index) => {
    if (inRuntime && NODE_MODULE.test(line))
      at(index, 'a node: module outside src/native, src/bundle, src/sandbox and src/library');
    if (inRuntime && !MAY_USE_GLOBALS.some((rule) => rule.test(file)) && usesGlobal(line, text))
      at(index, 'something of Node.js that the standalone host lacks');
    if (inCore && ENGINE_HEADER.test(line)) at(index, "an engine's header outside native/host");
    if (TEST.test(file) && SILENT_SKIP.test(line)) {
      at(index, 'a test is skipped without a reason, or runs alone');
    }
    if (
      EMPTY_PROMISE.test(line) &&
      file !== 'scripts/check-boundaries.mjs' &&
      !/checks\.test/.test(file)
    ) {
      at(index, 'something left to do: do it, or refuse with an error');
    }
  });
  if (lines.length > LONGEST + 1 && !GENERATED.test(file)) {
    const top = lines
      .slice(0, TOP_LINES)
      .join(' ')
      .replace(/\s*(\*|\/\/)\s*/g, ' ');
    if (!SAYS_WHY.test(top))
      at(0, `${lines.length - 1} lines, over ${LONGEST}, and no word at the top why`);
  }
  return faults;
}

function filesOf(root) {
  try {
    const listed = execFileSync(
      'git',
      ['-C', root, 'ls-files', '--cached', '--others', '--exclude-standard', '-z'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    return listed.split('\0').filter((name) => name !== '');
  } catch {
    return readdirSync(root, { recursive: true }).map(String);
  }
}

export function checkTree(root) {
  const faults = [];
  for (const file of filesOf(root).filter(
    (name) => SOURCE.test(name) && !/^(node_modules|dist|build)\//.test(name),
  )) {
    let text;
    try {
      text = readFileSync(path.join(root, file), 'utf8');
    } catch {
      // Deleted, but git does not know yet.
      continue;
    }
    faults.push(...checkFile(file, text));
  }
  return faults;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = process.argv[2] ?? path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
  const faults = checkTree(root);
  for (const fault of faults) console.log(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
