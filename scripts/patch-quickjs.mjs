// Makes the engine's source for the standalone executable: QuickJS, but objects of the heap image
// (native/host/heap_image.h) are immortal: their references are not counted. Counting would write
// to them, and each page of the image that is written to has to be copied first, in every start.
//
//   node scripts/patch-quickjs.mjs SOURCE OUT
//
// Writes quickjs.h and quickjs.c to OUT; all else stays in SOURCE. Each change names how often what
// it replaces occurs: another version of the engine fails the build instead of being half changed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [source, out] = process.argv.slice(2);

/** What counts references, by the name of the variable that points to the counted thing. */
const retain = (pointer) => `if (!ocirt_immortal(${pointer})) `;
const release = (pointer) => `if (!ocirt_immortal(${pointer}) && `;

const HEADER = [
  // Behind the includes; also where quickjs.c finds it.
  [
    'typedef struct JSRuntime JSRuntime;',
    1,
    '#include "host/immortal.h"\ntypedef struct JSRuntime JSRuntime;',
  ],
  ['p->ref_count++;', 2, `${retain('p')}p->ref_count++;`],
  ['if (--p->ref_count <= 0)', 2, `${release('p')}--p->ref_count <= 0)`],
];

const ENGINE = [
  // Strings and atoms.
  ['if (--str->header.ref_count <= 0)', 1, `${release('str')}--str->header.ref_count <= 0)`],
  [
    '        p->header.ref_count++;\n    }\n    return v;',
    2,
    `        ${retain('p')}p->header.ref_count++;\n    }\n    return v;`,
  ],
  [
    'if (!__JS_AtomIsConst(i))\n                    p->header.ref_count++;',
    1,
    `if (!__JS_AtomIsConst(i) && !ocirt_immortal(p))\n                    p->header.ref_count++;`,
  ],
  [
    'if (!__JS_AtomIsConst(i))\n                p->header.ref_count++;',
    1,
    `if (!__JS_AtomIsConst(i) && !ocirt_immortal(p))\n                p->header.ref_count++;`,
  ],
  [
    'if (--p->header.ref_count > 0)\n        return;',
    1,
    `if (ocirt_immortal(p) || --p->header.ref_count > 0)\n        return;`,
  ],
  // One that is not counted is never the only reference.
  ['if (p1->header.ref_count != 1)', 1, 'if (ocirt_immortal(p1) || p1->header.ref_count != 1)'],
  // Shapes.
  [
    '    sh->header.ref_count++;\n    return sh;',
    1,
    `    ${retain('sh')}sh->header.ref_count++;\n    return sh;`,
  ],
  [
    'if (unlikely(--sh->header.ref_count <= 0))',
    1,
    'if (!ocirt_immortal(sh) && unlikely(--sh->header.ref_count <= 0))',
  ],
  [
    'else if (sh->header.ref_count != 1) {',
    1,
    'else if (ocirt_immortal(sh) || sh->header.ref_count != 1) {',
  ],
  [
    '        if (sh->header.ref_count != 1) {\n            if (pprs)',
    1,
    '        if (ocirt_immortal(sh) || sh->header.ref_count != 1) {\n            if (pprs)',
  ],
  // Variables that closures share.
  [
    'if (var_ref) {\n        assert(var_ref->header.ref_count > 0);',
    1,
    'if (var_ref && !ocirt_immortal(var_ref)) {\n        assert(var_ref->header.ref_count > 0);',
  ],
  [
    /^( +)var_ref->header\.ref_count\+\+;/gm,
    6,
    `$1${retain('var_ref')}var_ref->header.ref_count++;`,
  ],
  // Contexts.
  ['ctx->header.ref_count++;', 1, `${retain('ctx')}ctx->header.ref_count++;`],
  [
    'if (--ctx->header.ref_count > 0)',
    1,
    'if (ocirt_immortal(ctx) || --ctx->header.ref_count > 0)',
  ],
  // A collection of garbage leaves them alone, and keeps what they refer to: native/host/quickjs.c.
  [
    'gc_decref_child(JSRuntime *rt, JSGCObjectHeader *p)\n{',
    1,
    'gc_decref_child(JSRuntime *rt, JSGCObjectHeader *p)\n{\n    if (ocirt_immortal(p)) return;',
  ],
  [
    'gc_scan_incref_child(JSRuntime *rt, JSGCObjectHeader *p)\n{',
    1,
    'gc_scan_incref_child(JSRuntime *rt, JSGCObjectHeader *p)\n{\n    if (ocirt_immortal(p)) return;',
  ],
  [
    'gc_scan_incref_child2(JSRuntime *rt, JSGCObjectHeader *p)\n{',
    1,
    'gc_scan_incref_child2(JSRuntime *rt, JSGCObjectHeader *p)\n{\n    if (ocirt_immortal(p)) return;',
  ],
];

function patch(name, changes) {
  let text = readFileSync(join(source, name), 'utf8');
  for (const [old, count, now] of changes) {
    const found =
      typeof old === 'string' ? text.split(old).length - 1 : (text.match(old) ?? []).length;
    if (found !== count) {
      console.error(`patch-quickjs: ${name}: ${found} of ${count} times: ${old}`);
      process.exit(1);
    }
    text = text.replaceAll(old, now);
  }
  writeFileSync(join(out, name), text);
}

mkdirSync(out, { recursive: true });
patch('quickjs.h', HEADER);
patch('quickjs.c', ENGINE);
