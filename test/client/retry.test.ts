import { expect } from 'chai';
import { retry, retryStream } from '../../client/retry.js';
import { FoghornError } from '../../protocol/errors.js';

const away = new FoghornError('UNAVAILABLE', 'away');
const refused = new FoghornError('INVALID_ARGUMENT', 'refused');

/** Work that fails with each of these errors before it succeeds. */
function failing(...errors: Error[]): () => Promise<string> {
  return async () => {
    const error = await Promise.resolve(errors.shift());
    if (error) throw error;
    return 'ok';
  };
}

describe('retry', () => {
  it('repeats work until it succeeds, and reports each failure', async () => {
    const failures: [FoghornError, number][] = [];
    const result = await retry(failing(away, away), {
      signal: undefined,
      onFailure: (...failure) => failures.push(failure),
    });
    expect(result).to.equal('ok');
    expect(failures.map(([error]) => error)).to.deep.equal([away, away]);
    for (const [, ms] of failures) expect(ms).to.be.within(0, 200);
  });

  it('throws a failure that cannot pass', async () => {
    const defect = new TypeError('defect');
    for (const error of [refused, defect]) {
      const thrown: unknown = await retry(failing(error), { signal: undefined }).catch(
        (caught: unknown) => caught,
      );
      expect(thrown).to.equal(error);
    }
  });

  it('lets the caller say which failures may pass', async () => {
    const options = { signal: undefined, isRetryable: () => true };
    expect(await retry(failing(refused), options)).to.equal('ok');
  });

  it('ends without an error once the signal has aborted', async () => {
    const stop = new AbortController();
    const work = (): Promise<string> => {
      stop.abort();
      return Promise.reject(refused);
    };
    expect(await retry(work, { signal: stop.signal })).to.equal(undefined);
    expect(await retry(() => Promise.resolve(1), { signal: stop.signal })).to.equal(undefined);
  });

  it('ends a pause when the signal aborts', async () => {
    const stop = new AbortController();
    const onFailure = () => {
      stop.abort();
    };
    expect(await retry(failing(away), { signal: stop.signal, onFailure })).to.equal(undefined);
  });
});

describe('retryStream', () => {
  it('yields the results of all attempts', async () => {
    let attempt = 0;
    const work = async function* () {
      yield await Promise.resolve(attempt);
      if (attempt++ < 2) throw away;
    };
    const results: number[] = [];
    for await (const result of retryStream(work, { signal: undefined })) results.push(result);
    expect(results).to.deep.equal([0, 1, 2]);
  });

  it('ends the attempt under way when its consumer leaves', async () => {
    let ended = false;
    const work = async function* () {
      try {
        for (;;) yield await Promise.resolve(1);
      } finally {
        ended = true;
      }
    };
    for await (const result of retryStream(work, { signal: undefined })) if (result > 0) break;
    expect(ended).to.equal(true);
  });
});
