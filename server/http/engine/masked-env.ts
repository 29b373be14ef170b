/** Shown instead of the value of a variable. */
const MASK = '***';

/** Answers of an engine that may hold the environment of a container, image or service. */
export const WITH_ENV = /\/json$|^\/(?:services|tasks)(?:\/[^/]+)?$/;

const STRING = String.raw`"(?:[^"\\]|\\.)*"`;
const ENV_LIST = new RegExp(String.raw`("Env":\s*\[)((?:\s*${STRING}\s*,?)*)(?=\s*\])`, 'g');
const VARIABLE = new RegExp(STRING, 'g');

/**
 * Hides the values of all environment variables in a JSON text, and leaves every other byte as it
 * is: numbers of 64 bits would not survive being parsed.
 */
export function maskEnv(body: Buffer): Buffer {
  const text = body.toString('utf8');
  return Buffer.from(
    text.replace(ENV_LIST, (_list, begin: string, variables: string) => {
      return `${begin}${variables.replace(VARIABLE, maskedVariable)}`;
    }),
  );
}

function maskedVariable(variable: string): string {
  return variable.replace(/=.*"$/s, `=${MASK}"`);
}
