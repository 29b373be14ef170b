/** One header field. Names are lower case; a value is latin1 text, one character for each byte. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}
