/** The address of a Docker engine. */
export interface EngineAddress {
  /** `unix:///path` or `host:port`. */
  readonly text: string;
  /** Connection options of Node. */
  readonly target:
    { readonly socketPath: string } | { readonly host: string; readonly port: string };
  /** PEM texts for TLS; undefined for an engine without it. */
  readonly tls?: EngineTls;
}

/** The certificates by which an engine and its client recognize each other. */
export interface EngineTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}
