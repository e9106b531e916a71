// Makes src/spec/*.gen.ts from schemas/: types, tables of names, compiled validators.
//
//   node scripts/generate.mjs           writes the files
//   node scripts/generate.mjs --check   writes nothing, fails if a file would change
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv, { _ } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { compile } from 'json-schema-to-typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const BANNER = '// Made by scripts/generate.mjs from schemas/. Do not edit.\n';

/** Ranges of the integer widths that a schema can name. */
const WIDTHS = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint16: [0, 2 ** 16 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

/** Every definition of every schema file, by its name, which is unique across the files. */
function loadDefinitions() {
  const definitions = new Map();
  for (const file of readdirSync(join(root, 'schemas')).sort()) {
    if (!file.endsWith('.schema.json')) continue;
    const schema = JSON.parse(readFileSync(join(root, 'schemas', file), 'utf8'));
    for (const [name, definition] of Object.entries(schema.$defs)) {
      if (definitions.has(name)) throw new Error(`${file}: ${name} is defined twice`);
      definitions.set(name, { file, definition });
    }
  }
  return definitions;
}

const nameOf = (ref) => ref.slice(ref.lastIndexOf('/') + 1);

/** The definitions that `name` needs, itself included, in the order in which they are met. */
function closure(definitions, name, found = new Set()) {
  if (found.has(name)) return found;
  const entry = definitions.get(name);
  if (entry === undefined) throw new Error(`no definition ${name}`);
  found.add(name);
  const visit = (node) => {
    if (node === null || typeof node !== 'object') return;
    if (typeof node.$ref === 'string') closure(definitions, nameOf(node.$ref), found);
    for (const value of Object.values(node)) visit(value);
  };
  visit(entry.definition);
  return found;
}

// Types ---------------------------------------------------------------------------------------

/** The schema in the words of json-schema-to-typescript: references become names. */
function forTypes(node) {
  if (Array.isArray(node)) return node.map(forTypes);
  if (node === null || typeof node !== 'object') return node;
  const description = node.description === undefined ? {} : { description: node.description };
  if (node.$ref !== undefined) return { ...description, tsType: nameOf(node.$ref) };
  if (node.int !== undefined) {
    const wide = node.int === 'int64' || node.int === 'uint64';
    return { ...description, tsType: wide ? 'number | bigint' : 'number' };
  }
  if (node.unsupported !== undefined) return { ...description, tsType: 'unknown' };
  if (node.known !== undefined) return { ...description, type: 'string' };
  const out = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === 'open' || key === 'superseded') continue;
    out[key] =
      key === 'properties'
        ? Object.fromEntries(Object.entries(value).map(([name, v]) => [name, forTypes(v)]))
        : forTypes(value);
  }
  if (out.enum !== undefined && out.type === undefined) out.type = 'string';
  return out;
}

async function makeTypes(definitions, names, imports = '') {
  const schema = {
    $defs: Object.fromEntries(
      names.map((name) => [name, forTypes(definitions.get(name).definition)]),
    ),
    title: 'Unused',
    type: 'object',
    properties: {},
  };
  const text = await compile(schema, 'Unused', {
    bannerComment: '',
    additionalProperties: false,
    unreachableDefinitions: true,
    ignoreMinAndMaxItems: true,
    style: { singleQuote: true, printWidth: 100 },
  });
  const body = text
    .replace(/^export interface Unused \{\}\n/m, '')
    .replace(/^ \* This interface was referenced by .*\n(?: \* via the `definition` .*\n)?/gm, '')
    .replace(/^ \*\n(?= \*\/)/gm, '')
    .replace(/^\/\*\*\n \*\/\n/gm, '');
  return `${BANNER}${imports}\n${body.trim()}\n`;
}

/** Tables of the names that a definition lists, and the property names of `resources`. */
function makeNames(definitions) {
  const lines = [BANNER];
  const quote = (values) => values.map((value) => `  '${value}',`).join('\n');
  for (const [name, { file, definition }] of definitions) {
    const values = definition.enum ?? definition.known;
    if (values === undefined) continue;
    const constant = name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
    lines.push(
      `/** ${name} of schemas/${file}. */`,
      `export const ${constant}: readonly string[] = [\n${quote(values)}\n];\n`,
    );
  }
  const properties = new Set();
  for (const name of closure(definitions, 'Resources')) {
    for (const key of Object.keys(definitions.get(name).definition.properties ?? {})) {
      properties.add(key);
    }
  }
  lines.push(
    "/** Every property name in Resources, for readers that don't mind the case. */",
    `export const RESOURCE_PROPERTIES: readonly string[] = [\n${quote([...properties].sort())}\n];\n`,
  );
  return lines.join('\n');
}

// Validators ----------------------------------------------------------------------------------

/** The schema in the words of ajv and our keywords: local references, closed objects. */
function forValidators(node) {
  if (Array.isArray(node)) return node.map(forValidators);
  if (node === null || typeof node !== 'object') return node;
  const out = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === 'description' || key === 'open') continue;
    if (key === '$ref') out.$ref = `#/$defs/${nameOf(value)}`;
    else if (key === 'properties') {
      out.properties = Object.fromEntries(
        Object.entries(value).map(([name, v]) => [name, forValidators(v)]),
      );
    } else out[key] = forValidators(value);
  }
  if (out.properties !== undefined && node.open !== true) {
    out.closed = Object.keys(out.properties);
  }
  return out;
}

const integer = {
  keyword: 'int',
  error: { message: 'integer', params: ({ schema }) => _`{width: ${schema}}` },
  code(cxt) {
    const { data, schema } = cxt;
    const [low, high] = typeof schema === 'string' ? WIDTHS[schema] : schema;
    if (typeof low === 'bigint') {
      // A number is exact up to 2^53 only; beyond that the JSON reader makes bigints.
      const least = low < 0n ? _`` : _` && ${data} >= 0`;
      // Ajv has no notation for bigint literals.
      const big = (value) => _`BigInt(${String(value)})`;
      cxt.pass(
        _`typeof ${data} == "number" ? Number.isSafeInteger(${data})${least} : typeof ${data} == "bigint" && ${data} >= ${big(low)} && ${data} <= ${big(high)}`,
      );
    } else {
      cxt.pass(_`Number.isInteger(${data}) && ${data} >= ${low} && ${data} <= ${high}`);
    }
  },
};

const closed = {
  keyword: 'closed',
  type: 'object',
  schemaType: 'array',
  error: {
    message: 'unknown',
    params: ({ params }) => _`{property: ${params.key}, known: ${params.known}}`,
  },
  code(cxt) {
    const { gen, data, schema } = cxt;
    const known = _`[${schema.reduce((list, name, i) => (i === 0 ? _`${name}` : _`${list}, ${name}`), _``)}]`;
    gen.forIn('key', data, (key) => {
      const other = schema.reduce((test, name, i) => {
        const differs = _`${key} !== ${name}`;
        return i === 0 ? differs : _`${test} && ${differs}`;
      }, _`true`);
      cxt.setParams({ key, known });
      gen.if(other, () => cxt.error());
    });
  },
};

const known = {
  keyword: 'known',
  type: 'string',
  schemaType: 'array',
  error: { message: 'not known', params: ({ params }) => _`{known: ${params.known}}` },
  code(cxt) {
    const { data, schema } = cxt;
    const list = _`[${schema.reduce((all, name, i) => (i === 0 ? _`${name}` : _`${all}, ${name}`), _``)}]`;
    cxt.setParams({ known: list });
    cxt.pass(
      schema.reduce((test, name, i) => {
        const same = _`${data} === ${name}`;
        return i === 0 ? same : _`${test} || ${same}`;
      }, _`false`),
    );
  },
};

/** `enum` that takes no table at run time. */
const oneOf = {
  keyword: 'oneOfNames',
  schemaType: 'array',
  error: known.error,
  code: known.code,
};

/** In UTF-16 units: ajv's own needs a helper at run time. */
const minLength = {
  keyword: 'minLength',
  type: 'string',
  schemaType: 'number',
  error: { message: 'too short', params: ({ schema }) => _`{limit: ${schema}}` },
  code(cxt) {
    cxt.fail(_`${cxt.data}.length < ${cxt.schema}`);
  },
};

/** Accepted, but always spoken of. */
const mention = (keyword) => ({
  keyword,
  schemaType: 'string',
  error: { message: keyword, params: ({ schema }) => _`{what: ${schema}}` },
  code(cxt) {
    cxt.fail(_`true`);
  },
});

function makeValidators(definitions, names) {
  const needed = new Set();
  for (const name of names) closure(definitions, name, needed);
  const $defs = {};
  for (const name of needed) {
    const schema = forValidators(definitions.get(name).definition);
    if (schema.enum !== undefined) {
      schema.oneOfNames = schema.enum;
      delete schema.enum;
    }
    $defs[name] = schema;
  }
  const ajv = new Ajv({
    allErrors: true,
    messages: false,
    inlineRefs: false,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    validateSchema: false,
    addUsedSchema: false,
    code: { source: true, esm: true, lines: true, optimize: 2 },
  });
  ajv.removeKeyword('minLength');
  for (const keyword of [
    minLength,
    integer,
    closed,
    known,
    oneOf,
    mention('unsupported'),
    mention('superseded'),
  ]) {
    ajv.addKeyword(keyword);
  }
  ajv.addSchema({ $id: 'ocirt', $defs });
  const exported = Object.fromEntries(names.map((n) => [`validate${n}`, `ocirt#/$defs/${n}`]));
  let code = standaloneCode(ajv, exported);
  if (code.includes('require(') || code.includes('import ')) {
    throw new Error('the validators need a helper of ajv at run time');
  }
  code = code
    .replace(/^"use strict";\n?/, '')
    .replace(/^\/\*#.*\*\/\n?/gm, '')
    .replace(/BigInt\("(-?\d+)"\)/g, (_all, digits) =>
      digits.startsWith('-') ? `(${digits}n)` : `${digits}n`,
    )
    .replace(
      /^export const (validate\w+) = (validate\d+);$/gm,
      'export const $1: Validator = $2 as any;',
    );
  // What is left of ajv's generality: only the value and its pointer matter to us, and the
  // same five lines for each error are one call.
  code = code
    .replace(
      /^const (err\d+) = (\{.*\});\nif\(vErrors === null\)\{\nvErrors = \[\1\];\n\}\nelse \{\nvErrors\.push\(\1\);\n\}\nerrors\+\+;$/gm,
      'vErrors = add(vErrors, $2);\nerrors++;',
    )
    .replace(
      /^vErrors = vErrors === null \? (validate\d+)\.errors : vErrors\.concat\(\1\.errors\);$/gm,
      'vErrors = join(vErrors, $1.errors);',
    )
    .replace(/schemaPath:"[^"]*",/g, '')
    .replace(
      /\{instancePath="", parentData, parentDataProperty, rootData=data\}=\{\}/g,
      'instancePath = ""',
    )
    .replace(/\{instancePath:(.*?),parentData:.*?,parentDataProperty:.*?,rootData\}/g, '$1')
    .replace(/\{instancePath,/g, '{instancePath, ')
    .replace(/\n{2,}/g, '\n\n');
  if (/parentData|rootData|schemaPath|vErrors\.(push|concat)/.test(code)) {
    throw new Error('ajv writes other code than scripts/generate.mjs expects');
  }
  code +=
    '\nfunction join(errors, more) {\nif (errors === null) return more;\nfor (const error of more) errors.push(error);\nreturn errors;\n}\n' +
    '\nfunction add(errors, error) {\nif (errors === null) return [error];\nerrors.push(error);\nreturn errors;\n}\n';
  // Ajv writes each function's schema beside it; none is used.
  code = code.replace(/^const schema\d+ = .*;\n/gm, '');
  const left = /\bschema\d+\b(?!\/)/.exec(code.replace(/"[^"]*"/g, '""'));
  if (left !== null) throw new Error(`the validators use ${left[0]}`);
  return `${BANNER}// biome-ignore-all lint: generated\n// @ts-nocheck\nimport type { Validator } from './validator.js';\n\n${code.trim()}\n`;
}

// -----------------------------------------------------------------------------------------------

export async function generate() {
  const definitions = loadDefinitions();
  const config = [...closure(definitions, 'Config')];
  const only = (name) => [...closure(definitions, name)].filter((n) => !config.includes(n));
  const shared = (name) => [...closure(definitions, name)].filter((n) => config.includes(n));
  const imports = (name) =>
    `import type { ${shared(name).sort().join(', ')} } from './config.gen.js';\n`;
  return new Map([
    ['src/spec/config.gen.ts', await makeTypes(definitions, config)],
    ['src/spec/state.gen.ts', await makeTypes(definitions, only('State'), imports('State'))],
    [
      'src/spec/features.gen.ts',
      await makeTypes(definitions, only('Features'), imports('Features')),
    ],
    ['src/spec/names.gen.ts', makeNames(definitions)],
    ['src/spec/validators.gen.ts', makeValidators(definitions, ['Config', 'Process', 'Resources'])],
    ['src/spec/validators-state.gen.ts', makeValidators(definitions, ['State', 'Features'])],
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check');
  let drift = 0;
  for (const [file, text] of await generate()) {
    let old = null;
    try {
      old = readFileSync(join(root, file), 'utf8');
    } catch {
      // Not there yet.
    }
    if (old === text) continue;
    drift++;
    if (check) console.error(`${file} does not match schemas/: run npm run generate`);
    else {
      writeFileSync(join(root, file), text);
      console.log(`wrote ${file}`);
    }
  }
  if (check && drift > 0) process.exit(1);
}
