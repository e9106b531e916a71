/** What a compiled validator (validators.gen.ts) is, and the errors that it leaves. */

export interface SchemaError {
  /** JSON pointer of the value that is wrong. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface Validator {
  (data: unknown): boolean;
  /** Of the last call; null after one that returned true. */
  errors?: readonly SchemaError[] | null;
}
