/** Where our schema is not the reference's, on purpose. Each is a line that the comparison prints, and why. */
export const exceptions: readonly { difference: string; reason: string }[] = [
  {
    difference: 'TurnError.codexErrorInfo: no variant string',
    reason:
      'A kind of error that is not known is read as `other`, so that whoever handles errors has a list that ends.',
  },
  {
    difference: 'TurnError.codexErrorInfo: no variant object',
    reason: 'As above, for kinds with details.',
  },
  {
    difference: 'ThreadItemOutputDeferral: keeps other fields',
    reason: 'The published type has no field at all; what a client asks for reaches the handler whole.',
  },
  {
    difference: 'ThreadResumeParams.history(array)[]: any, not union',
    reason: "Items of the Responses API, which are the provider's: they are handed on as they are.",
  },
];
