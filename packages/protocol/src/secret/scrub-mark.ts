/** Stands where a secret stood. */
export const scrubMark = '[secret]';
