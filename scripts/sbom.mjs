// The bill of materials of dist/ocirt, as CycloneDX 1.5 in JSON, on standard output: what of npm is
// bundled into it, and the C libraries that it is linked with, in the versions of this machine.
//
//   node scripts/sbom.mjs [NAME]...         after scripts/build-standalone; names: what of npm is beside it
//
// The same tree and machine give the same text: the time is SOURCE_DATE_EPOCH's, seconds since 1970.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => path.join(root, ...parts);
const json = (file) => JSON.parse(readFileSync(at(file), 'utf8'));

/** A command's output, or '' where it cannot be had. */
function output(program, ...args) {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}

/** The packages of npm of which there is source in the executable: esbuild says it in comments. */
function bundled() {
  const names = new Set();
  for (const file of readdirSync(at('build/standalone/js'))) {
    const text = readFileSync(at('build/standalone/js', file), 'utf8');
    for (const [, name] of text.matchAll(/^\/\/ node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm)) {
      names.add(name);
    }
  }
  return [...new Set([...names, ...process.argv.slice(2)])].sort();
}

function npmComponent(name, lock) {
  const { version, integrity, license, resolved } = lock.packages[`node_modules/${name}`];
  const [algorithm, digest] = integrity.split('-');
  return {
    type: 'library',
    name,
    version,
    licenses: [{ expression: license }],
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    'bom-ref': `npm:${name}@${version}`,
    hashes: [
      {
        alg: algorithm.toUpperCase().replace('SHA', 'SHA-'),
        content: Buffer.from(digest, 'base64').toString('hex'),
      },
    ],
    // The archive's place in the registry, whichever mirror it was taken from.
    ...(resolved === undefined
      ? {}
      : {
          externalReferences: [
            { type: 'website', url: `https://www.npmjs.com/package/${name}/v/${version}` },
          ],
        }),
  };
}

/** What of Debian's is linked in. `of`: the package whose version it is, as the compiler has it. */
function debianLibraries() {
  const gcc = output('g++', '-dumpversion').trim().split('.')[0];
  const musl =
    existsSync(at('build/native/borrowed-headers')) ||
    existsSync(at('build/standalone/borrowed-headers'));
  return [
    { name: 'libc6-dev', licence: 'LGPL-2.1-or-later', what: 'the GNU C library' },
    { name: 'libseccomp-dev', licence: 'LGPL-2.1-only', what: 'system call filters' },
    {
      name: `libstdc++-${gcc}-dev`,
      licence: 'GPL-3.0-or-later WITH GCC-exception-3.1',
      what: 'the C++ library',
    },
    {
      name: `libgcc-${gcc}-dev`,
      licence: 'GPL-3.0-or-later WITH GCC-exception-3.1',
      what: "the compiler's library",
    },
    ...(musl
      ? [{ name: 'musl-dev', licence: 'MIT', what: 'the C library of the executables' }]
      : []),
  ];
}

function debianComponent({ name, licence, what }, distro, architecture) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own
  const version = output('dpkg-query', '--show', '--showformat=${Version}', name).trim();
  if (version === '') return undefined;
  return {
    type: 'library',
    name,
    version,
    description: what,
    licenses: [{ expression: licence }],
    purl: `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=${distro}`,
    'bom-ref': `deb:${name}@${version}`,
  };
}

/** The engine; its source is of the folder that scripts/fetch-quickjs names by Debian's version. */
function quickjs() {
  const version = path.basename(output('bash', at('scripts/fetch-quickjs')).trim());
  return {
    type: 'library',
    name: 'quickjs',
    version,
    description: 'the JavaScript engine',
    licenses: [{ expression: 'MIT' }],
    purl: `pkg:deb/debian/quickjs@${encodeURIComponent(version)}?arch=source&distro=debian-13`,
    'bom-ref': `deb:quickjs@${version}`,
  };
}

const { name, version, license, description } = json('package.json');
const lock = json('package-lock.json');
const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
const distro = `debian-${/^VERSION_ID="?([^"\n]*)/m.exec(release)?.[1] ?? 'unknown'}`;
const architecture = output('dpkg', '--print-architecture').trim() || process.arch;
const self = `${name}@${version}`;
const binary = readFileSync(at('dist/ocirt'));
const components = [
  quickjs(),
  ...debianLibraries().flatMap((one) => debianComponent(one, distro, architecture) ?? []),
  ...bundled().map((one) => npmComponent(one, lock)),
];

const bom = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: {
    timestamp: new Date(Number(process.env.SOURCE_DATE_EPOCH ?? 0) * 1000).toISOString(),
    component: {
      type: 'application',
      'bom-ref': self,
      name,
      version,
      description,
      licenses: [{ expression: license }],
      purl: `pkg:generic/${name}@${version}`,
      hashes: [{ alg: 'SHA-256', content: createHash('sha256').update(binary).digest('hex') }],
    },
  },
  components,
  dependencies: [
    { ref: self, dependsOn: components.map((component) => component['bom-ref']) },
    ...components.map((component) => ({ ref: component['bom-ref'], dependsOn: [] })),
  ],
};
process.stdout.write(`${JSON.stringify(bom, null, 2)}\n`);
