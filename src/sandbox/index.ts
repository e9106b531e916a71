/** `ocirt sandbox` and `ocirt bundle generate`: for people at a terminal. In Node.js only. */
export { type GenerateRequest, generate } from './generate.js';
export type { ConfigRequest, SandboxRequest } from './request.js';
export { sandbox } from './run.js';
export { sweep } from './sweep.js';
