/** `plan --html`: the plan as a page, in a browser. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { noBrowser, Page } from '../lib/browser.js';
import type { Change } from '../lib/config.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';

const own = { own: true };
const seen = { own: true, skip: noBrowser };

interface Json {
  plan: { steps: { op: string; at: string }[]; warnings: unknown[] };
}

/** The page of a container's plan, as a file. */
function write(s: Sandbox, container: Container, ...args: string[]): string {
  const file = s.path(`${container.id}.html`);
  const { status, stderr, stdout } = s.runtime([
    'plan',
    '--bundle',
    container.bundle,
    '--html',
    file,
    ...args,
    container.id,
  ]);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, '');
  return file;
}

function planOf(s: Sandbox, container: Container): Json['plan'] {
  const args = ['plan', '--bundle', container.bundle, '--format', 'json', container.id];
  return (JSON.parse(s.runtime(args).stdout) as Json).plan;
}

/** Opens it, and closes the browser whatever comes. */
async function inBrowser(file: string, body: (page: Page) => Promise<void>): Promise<void> {
  const page = await Page.open();
  try {
    await page.visit(file);
    await body(page);
  } finally {
    await page.close();
  }
}

const texts = (selector: string): string =>
  `[...document.querySelectorAll(${JSON.stringify(selector)})].map((node) => node.textContent)`;

scenario('plan --html: one page, without errors, without anything else loaded', seen, async (s) => {
  const container = s.container();
  const file = write(s, container);
  await inBrowser(file, async (page) => {
    assert.deepEqual(page.requests, [`file://${file}`]);
    assert.deepEqual(page.errors, []);
    assert.equal(await page.evaluate('document.title'), `Plan of container ${container.id}`);
    assert.equal(await page.evaluate('document.scripts.length'), 0);
    const loading =
      '[src], [srcset], [action], [data], [poster], [background], link, iframe, object';
    assert.deepEqual(await page.evaluate<string[]>(texts(loading)), []);
    assert.ok(!/@import|url\(/.test((await page.evaluate<string[]>(texts('style'))).join('')));
  });
  // No reference leads out of the page.
  const text = readFileSync(file, 'utf8');
  for (const [, target = ''] of text.matchAll(/href="([^"]*)"/g)) assert.match(target, /^#/);
});

scenario(
  'plan --html: every step in its order, with its system call and its place',
  seen,
  async (s) => {
    const container = s.container((c) => {
      c.hostname = 'inside';
      c.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 64, hard: 64 }];
    });
    const { steps } = planOf(s, container);
    await inBrowser(write(s, container), async (page) => {
      const names = await page.evaluate<string[]>(texts('#plan tr[id] .name'));
      assert.deepEqual(
        names,
        steps.map(({ op }) => op),
      );
      const numbers = await page.evaluate<string[]>(texts('#plan tr[id] td:first-child'));
      assert.deepEqual(
        numbers,
        steps.map((_, index) => String(index)),
      );
      const calls = await page.evaluate<string[]>(texts('#plan td.syscall'));
      assert.ok(calls.length > steps.length && calls.every((call) => call.length > 3));
      // The link of a pointer leads to its line.
      const lines = await page.evaluate<Record<string, string>>(
        `Object.fromEntries([...document.querySelectorAll('#plan td.at a')].map((link) =>
        [link.textContent, document.querySelector(link.getAttribute('href')).textContent]))`,
      );
      for (const { at } of steps) if (at !== '') assert.ok(at in lines, at);
      assert.match(lines['/hostname'] ?? '', /"hostname": "inside"/);
      assert.match(lines['/process/rlimits/0'] ?? '', /\{|RLIMIT_NOFILE/);
      // The limits are set by the host while the helper waits.
      const order = await page.evaluate<string[]>(texts('#plan .name'));
      assert.ok(order.indexOf('rlimit') > order.indexOf('spawn'));
    });
  },
);

scenario(
  'plan --html: the namespaces and the mounts as a picture and in words',
  seen,
  async (s) => {
    const container = s.container((c) => {
      c.linux.namespaces = c.linux.namespaces.filter(({ type }) => type !== 'uts');
      delete c.hostname;
      c.mounts?.push({
        destination: '/srv',
        type: 'bind',
        source: '/usr',
        options: ['rbind', 'ro'],
      });
    });
    await inBrowser(write(s, container), async (page) => {
      const rows = async (id: string): Promise<string[][]> =>
        page.evaluate(
          `[...document.querySelectorAll('#${id} tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))`,
        );
      const namespaces = Object.fromEntries(await rows('namespaces'));
      assert.equal(Object.keys(namespaces).length, 8);
      assert.equal(namespaces.mount, 'its own, new');
      assert.equal(namespaces.uts, "the host's, shared");
      const mounts = await rows('mounts');
      assert.equal(mounts[0]?.[0], '/');
      assert.ok(mounts.some(([target, , what]) => target === '/proc' && what === 'proc'));
      const volume = mounts.find(([target]) => target === '/srv');
      assert.deepEqual(volume?.slice(1, 3), ["the host's files", '/usr of the host']);
      assert.match(volume?.[3] ?? '', /read-only/);
      const drawn = await page.evaluate<string[]>(texts('svg .mount .strong'));
      assert.equal(drawn.length, mounts.length);
      assert.equal((await page.evaluate<string[]>(texts('svg .ns'))).length, 8);
      // Pictures have a name and a text for those who don't see them.
      assert.equal(
        await page.evaluate(
          `[...document.querySelectorAll('svg')].every((svg) => svg.getAttribute('role') === 'img' &&
          svg.getAttribute('aria-labelledby').split(' ').every((id) => document.getElementById(id).textContent !== ''))`,
        ),
        true,
      );
    });
  },
);

const HOSTILE = `</title></style></code><script>window.hit=1</script><img src=x onerror="window.hit=1">"'\`\u202e\u0007&lt;{{7*7}}`;

const hostile: Change = (c) => {
  c.hostname = 'h';
  c.process.args = ['/payload', HOSTILE];
  c.process.env = [`A=${HOSTILE}`];
  c.process.cwd = `/${HOSTILE}`;
  c.annotations = { [`org.${HOSTILE}`]: HOSTILE };
  c.mounts?.push({
    destination: `/${HOSTILE}`,
    type: HOSTILE,
    source: HOSTILE,
    options: [HOSTILE],
  });
  c.hooks = { createContainer: [{ path: `/${HOSTILE}`, args: [HOSTILE], env: [HOSTILE] }] };
  c.linux.maskedPaths = [`/${HOSTILE}`];
  c.linux.readonlyPaths = [`/${HOSTILE}`];
  c.linux.sysctl = { [`net.${HOSTILE}`]: HOSTILE };
};

scenario('plan --html: a config.json with hostile texts everywhere is text', seen, async (s) => {
  const file = write(s, s.container(hostile));
  await inBrowser(file, async (page) => {
    assert.deepEqual(page.errors, []);
    assert.deepEqual(page.requests, [`file://${file}`]);
    assert.equal(await page.evaluate('typeof window.hit'), 'undefined');
    assert.equal(await page.evaluate('document.querySelectorAll("script, img").length'), 0);
    const shown = await page.evaluate<string>('document.body.textContent');
    assert.ok(shown.split('<script>window.hit=1</script>').length > 10);
    // What would turn the line around is shown by its number.
    assert.ok(shown.includes('\\u202e') && !shown.includes('\u202e') && !shown.includes('\u0007'));
    // All of the page is where it belongs.
    assert.equal(await page.evaluate('document.querySelectorAll("main > #config").length'), 1);
    const steps = await page.evaluate<string[]>(texts('#plan tr[id]'));
    assert.ok(steps.length > 20);
  });
});

scenario(
  'plan --html: light and dark can both be read, and a narrow screen does not scroll',
  seen,
  async (s) => {
    await inBrowser(write(s, s.container()), async (page) => {
      const colors = `(() => {
      const numbers = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
      const light = (text) => {
        const [r, g, b] = numbers(text).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const back = getComputedStyle(document.body).backgroundColor;
      const contrast = (selector) => {
        const color = getComputedStyle(document.querySelector(selector)).color;
        const [a, b] = [light(color), light(back)].sort((x, y) => y - x);
        return (a + 0.05) / (b + 0.05);
      };
      return [back, ['body', '.why', 'a', '.who.host', '.who.helper', 'caption'].map(contrast)];
    })()`;
      const backs = new Set<string>();
      for (const scheme of ['light', 'dark'] as const) {
        await page.scheme(scheme);
        const [back, contrasts] = await page.evaluate<[string, number[]]>(colors);
        backs.add(back);
        // WCAG 2.2, success criterion 1.4.3.
        for (const contrast of contrasts) assert.ok(contrast >= 4.5, `${scheme}: ${contrasts}`);
      }
      assert.equal(backs.size, 2);
      await page.resize(360, 700);
      assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 360);
      // Headings, and cells that say what they head.
      assert.equal(await page.evaluate('document.querySelectorAll("h1").length'), 1);
      assert.equal(await page.evaluate('document.querySelectorAll("th:not([scope])").length'), 0);
      assert.equal(await page.evaluate('document.documentElement.lang'), 'en');
    });
  },
);

scenario('plan --html --trace: with the time of each step', seen, async (s) => {
  const container = s.container();
  const trace = s.path('trace.json');
  container.must('run', ['--bundle', container.bundle], [], { global: ['--trace-timing', trace] });
  await inBrowser(write(s, container, '--trace', trace), async (page) => {
    const times = await page.evaluate<string[]>(texts('#plan tr[id] .time'));
    const { steps } = planOf(s, container);
    assert.equal(times.length, steps.length);
    const mounts = times.filter((_, index) => steps[index]?.op === 'mount');
    assert.ok(mounts.length > 0);
    for (const time of mounts) assert.match(time, /^[\d.]+ (µs|ms)$/);
    const host = await page.evaluate<string[]>(texts('#plan tr:not([id]) .time'));
    assert.ok(host.some((time) => /^[\d.]+ (µs|ms)$/.test(time)));
    const verbs = await page.evaluate<string[]>(texts('#times ~ .wide caption'));
    assert.match(verbs[0] ?? '', /^ocirt run: /);
  });
});

scenario('plan --trace: what is no trace, or of another plan, is refused', own, (s) => {
  const container = s.container();
  const trace = s.path('trace.json');
  container.must('run', ['--bundle', container.bundle], [], { global: ['--trace-timing', trace] });
  const other = s.container((c) => {
    c.mounts?.splice(0, 1);
    c.hostname = 'another';
  });
  writeFileSync(s.path('text'), 'text');
  writeFileSync(s.path('list'), '[1]');
  for (const [file, why] of [
    [trace, /it is of another plan: step \d+ is \w+ there and \w+ here/],
    [s.path('text'), /it is not JSON/],
    [s.path('list'), /it is not a trace/],
    [s.path('none'), /no such file or directory/],
  ] as const) {
    const page = s.path('refused.html');
    const args = ['plan', '--bundle', other.bundle, '--html', page, '--trace', file, other.id];
    const { status, stderr } = s.runtime(args);
    assert.equal(status, 1);
    assert.match(stderr, why);
    assert.match(stderr, /trace-invalid/);
    assert.ok(!existsSync(page));
  }
});

scenario('plan --html: what goes with it, and a file that cannot be written', own, (s) => {
  const { bundle } = s.container();
  const plan = (...args: string[]) => s.runtime(['plan', '--bundle', bundle, ...args]);
  assert.match(plan('--html', s.path('x'), '--format', 'json').stderr, /exclude each other/);
  assert.match(plan('--trace', s.path('x')).stderr, /--trace needs --html/);
  assert.match(plan('--html', '').stderr, /must name a file/);
  assert.match(plan('--html', s.path('no/file')).stderr, /unable to write the page: no such file/);
  assert.ok(!existsSync(s.path('x')));
});
