/**
 * How a refusal is told. The specification asks for an error, and leaves its words and its number
 * to the runtime: only ocirt is held to the words that it promises, and to runc's numbers.
 */

import assert from 'node:assert/strict';
import { KIND } from './runtime.js';

/** It failed. @param status ocirt's and runc's; others may have any but 0 */
export function refused(result: { status: number; stderr?: string }, status = 1): void {
  assert.notEqual(result.status, 0, 'it was not refused');
  if (KIND === 'ocirt' || KIND === 'runc') {
    assert.equal(result.status, status, result.stderr || undefined);
  }
}

/** Standard error says why. @param words ocirt's; others may say it in their own */
export function says(stderr: string, words: RegExp, what?: string): void {
  assert.match(stderr, KIND === 'ocirt' ? words : /\S/, what);
}
