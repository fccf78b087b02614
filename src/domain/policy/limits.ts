/** What a policy text may cost. Sizes are in UTF-8 bytes. */
export interface PolicyLimits {
  /** Of the whole text. */
  readonly maxBytes: number;
  /** Nested collections; a policy within a policy takes two. */
  readonly maxDepth: number;
  /** Values, keys and collections in the text, estimated before it is parsed: this bounds the parser's memory. */
  readonly maxNodes: number;
  /** What may be parsed again, in all, to join lines in brackets that begin too far left for the YAML library. */
  readonly maxBytesAgain: number;
  /** Statements of all nested bodies together, annotations included. */
  readonly maxStatements: number;
  /** Values that aliases repeat, summed over all aliases. */
  readonly maxExpansion: number;
  readonly maxPrivilegeBytes: number;
  readonly maxAnnotationNameBytes: number;
  readonly maxAnnotationValueBytes: number;
}

/** The limits of a policy load. Ids have their own in domain/ids.ts. */
export const defaultPolicyLimits: PolicyLimits = {
  maxBytes: 32 * 1_024 * 1_024,
  maxDepth: 100,
  maxNodes: 3_000_000,
  maxBytesAgain: 64 * 1_024 * 1_024,
  maxStatements: 1_000_000,
  maxExpansion: 1_000_000,
  maxPrivilegeBytes: 255,
  maxAnnotationNameBytes: 500,
  maxAnnotationValueBytes: 16 * 1_024,
};

/** Grants, permits, revocations and denials that one text may amount to, each list multiplied out. */
export const maxEntries = 1_000_000;
