import { OcirtError } from '../../errors.js';
import { NAME } from '../../version.js';
import { bashCompletion } from '../completion/bash.js';
import { fishCompletion } from '../completion/fish.js';
import { loadModel, type Model } from '../completion/model.js';
import { zshCompletion } from '../completion/zsh.js';
import type { Verb } from '../verb.js';

/** The script of each shell, from the tables of verbs and options; for others, these tables. */
export const SHELLS: Readonly<Record<string, (model: Model) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  json: (model) => `${JSON.stringify(model, null, 2)}\n`,
};

export const completion: Verb = {
  name: 'completion',
  usage: '<shell>',
  summary: 'print a script that completes command lines',
  description: `For bash, zsh or fish:\n  source <(${NAME} completion bash)\n  ${NAME} completion zsh > /usr/local/share/zsh/site-functions/_${NAME}\n  ${NAME} completion fish > ~/.config/fish/completions/${NAME}.fish\n"json" prints what these are made of: every verb and option, for other programs.`,
  options: [],
  minArguments: 1,
  maxArguments: 1,
  choices: { at: 0, words: Object.keys(SHELLS) },
  async run({ print }, _options, [shell = '']) {
    const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
    if (script === undefined) {
      const known = Object.keys(SHELLS).join(', ');
      throw new OcirtError('usage', `no completion for "${shell}"`, {
        hint: `there is one for ${known}`,
      });
    }
    print(script(await loadModel()));
    return 0;
  },
};
