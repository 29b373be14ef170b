/**
 * An engine's answer to GET /containers/ID/json, with the fields that are read; by default of a
 * running container.
 */
export function inspection(id: string, name: string, state: object = {}): object {
  return {
    Id: id,
    Created: '2023-11-14T22:13:20.000000005Z',
    Path: '/bin/sh',
    State: {
      Status: 'running',
      Running: true,
      OOMKilled: false,
      ExitCode: 0,
      StartedAt: '2023-11-14T22:13:21.5Z',
      FinishedAt: '0001-01-01T00:00:00Z',
      ...state,
    },
    Image: 'sha256:0f1e',
    Name: `/${name}`,
    Config: { Image: 'busybox', Labels: { tier: 'front' } },
  };
}

/** The state of one that has ended. */
export const EXITED = {
  Status: 'exited',
  Running: false,
  OOMKilled: true,
  ExitCode: 137,
  FinishedAt: '2023-11-14T22:13:22Z',
};
