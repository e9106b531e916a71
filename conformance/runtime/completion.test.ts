/** Completion of command lines, in the shells themselves: verbs, options, values, containers. */

import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execute, RUNTIME } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

/** Runs a shell; the script it completes with is that of the runtime under test. */
function shell(s: Sandbox, program: string, args: string[]): string {
  const name = path.basename(program);
  const result = s.runtime(['completion', name]);
  assert.equal(result.status, 0, result.stderr);
  writeFileSync(s.path(`completion.${name}`), result.stdout);
  const answer = execute(
    program,
    args,
    { stdout: s.path(`${name}.out`), stderr: s.path(`${name}.err`) },
    { cwd: s.dir, env: { ...process.env, LC_ALL: 'C.UTF-8' } },
  );
  assert.equal(answer.status, 0, answer.stderr);
  return answer.stdout;
}

/** What stands before the cursor, as words; what is offered. `ID`, `ROOT`: the container's. */
const CASES: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
  [['sta'], ['start', 'state', 'stats']],
  [['--root', 'ROOT', 'state', ''], ['ID']],
  [['--root', '=', 'ROOT', 'delete', '--force', ''], ['ID']],
  [['--root', 'ROOT', 'mounts', 'add', ''], ['ID']],
  [['--root', 'ROOT', 'create', ''], []],
  [['--root', 'ROOT', 'exec', 'ID', '-'], []],
  [['--root', 'ROOT', 'kill', 'ID', 'WIN'], ['WINCH']],
  [
    ['--log-format', ''],
    ['text', 'json'],
  ],
  [
    ['--log-format', '='],
    ['text', 'json'],
  ],
  [['list', '--format', 'j'], ['json']],
  [['--root', 'ROOT', 'stats', ''], ['ID']],
  [['create', '--no-p'], ['--no-pivot']],
  [['create', '--bundle', 'bund'], ['bundle0']],
  [['create', '-b', '=', 'bund'], ['bundle0']],
  [['update', '-r', 'bundle0/conf'], ['bundle0/config.json']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish', 'json'],
  ],
  [['help', 'crea'], ['create']],
  [['no-such-verb', ''], []],
];

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

scenario('completion in bash', { own: true }, (s) => {
  const { id } = s.created();
  const fill = (word: string) => word.replace(/^ID$/, id).replace(/^ROOT$/, s.stateRoot);
  const script = [
    `source ${quote(s.path('completion.bash'))}`,
    // The function that bash itself would call.
    `function=$(complete -p ocirt | sed 's/.*-F //; s/ .*//')`,
    `ask() { COMP_WORDS=(ocirt "$@"); COMP_CWORD=$#; "$function" "$RUNTIME"; echo "\${COMPREPLY[*]}"; }`,
    `RUNTIME=${quote(RUNTIME)}`,
    ...CASES.map(([words]) => `ask ${words.map(fill).map(quote).join(' ')}`),
  ].join('\n');
  const lines = shell(s, '/bin/bash', ['--norc', '-c', script]).split('\n');
  for (const [index, [words, offered]] of CASES.entries()) {
    assert.equal(lines[index], offered.map(fill).join(' '), words.join(' '));
  }
});

const absent = (program: string) => !existsSync(program) && `${program} is not installed`;

scenario('completion in fish', { own: true, skip: absent('/usr/bin/fish') }, (s) => {
  const { id } = s.created();
  // fish knows completions by the name of the file.
  writeFileSync(s.path('ocirt'), `#!/bin/sh\nexec ${RUNTIME} "$@"\n`, { mode: 0o755 });
  const ask = (line: string) => `echo (complete -C ${quote(line)} | string replace -r '\\t.*' '')`;
  const script = [
    `source ${s.path('completion.fish')}`,
    ask('ocirt st'),
    ask(`${s.path('ocirt')} --root ${s.stateRoot} state `),
    ask(`ocirt --root ${s.stateRoot} kill ${id} WIN`),
    ask('ocirt --log-format '),
    ask('ocirt create --no-p'),
    ask('ocirt completion '),
  ].join('\n');
  const out = shell(s, '/usr/bin/fish', ['--no-config', '-c', script]).split('\n');
  assert.deepEqual(out.slice(0, 6), [
    'start state stats',
    id,
    'WINCH',
    'json text',
    '--no-pivot',
    'bash fish json zsh',
  ]);
});

scenario('completion in zsh', { own: true, skip: absent('/usr/bin/zsh') }, (s) => {
  const { id } = s.created();
  // A terminal of its own: zsh completes nowhere else. What was completed is run by a function.
  const script = `
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell "PS1= PS2=; autoload -U compinit; compinit -D -u; source ${s.path('completion.zsh')}
      ocirt() { if [[ \\"\\$*\\" == *list* ]]; then ${RUNTIME} \\"\\$@\\"; else print -r -- \\"RAN:\\$*:\\"; fi }; print READY"
    while zpty -r shell line; do [[ $line == READY* ]] && break; done
    ask() {
      zpty -w -n shell "$1"$'\\t\\n'
      local line
      while zpty -r shell line; do
        [[ $line == *RAN:* && $line != *print* ]] && { print -r -- "\${\${line##*RAN:}%%:*}"; break }
      done
    }
    ask 'ocirt feat'
    ask 'ocirt --root ${s.stateRoot} state '
    ask 'ocirt kill box WIN'
    ask 'ocirt --log-format j'
    ask 'ocirt create --no-p'
    zpty -d shell`;
  const out = shell(s, '/usr/bin/zsh', ['-f', '-c', script]).split('\n');
  assert.deepEqual(
    out.slice(0, 5).map((line) => line.trim()),
    [
      'features',
      `--root ${s.stateRoot} state ${id}`,
      'kill box WINCH',
      '--log-format json',
      'create --no-pivot',
    ],
  );
});

scenario('completion for a shell that there is none for', { own: true }, (s) => {
  const result = s.runtime(['completion', 'csh']);
  assert.equal(result.status, 1);
  assert.match(
    result.stderr,
    /no completion for .*csh.* hint="there is one for bash, zsh, fish, json"/,
  );
});
