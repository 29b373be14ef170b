/** An event of a stream of server-sent events. */
export interface SentEvent {
  /** `message` where the stream names no other. */
  readonly type: string;
  readonly data: string;
  readonly id: string;
}

/** Reads one response as a browser's EventSource does, without connecting again. */
export class SentEvents {
  readonly events: SentEvent[] = [];
  /** The last id, also of messages that a browser does not dispatch. */
  lastId = '';
  comments = 0;
  /** Resolves with how the response ended. */
  readonly ended: Promise<'end' | 'cut'>;

  private constructor(
    readonly response: Response,
    private readonly abort: AbortController,
  ) {
    this.ended = this.#read().then(
      () => 'end',
      () => 'cut',
    );
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<SentEvents> {
    const abort = new AbortController();
    const all = { accept: 'text/event-stream', ...headers };
    const response = await fetch(url, { headers: all, signal: abort.signal });
    return new SentEvents(response, abort);
  }

  /** Data of the messages without a type, as JSON. */
  get messages(): unknown[] {
    return this.events
      .filter(({ type }) => type === 'message')
      .map(({ data }) => JSON.parse(data) as unknown);
  }

  ofType(type: string): unknown[] {
    return this.events
      .filter((each) => each.type === type)
      .map(({ data }) => JSON.parse(data) as unknown);
  }

  async close(): Promise<void> {
    this.abort.abort();
    await this.ended;
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const bytes of this.response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(bytes, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.#take(block);
    }
  }

  #take(block: string): void {
    let type = 'message';
    const data: string[] = [];
    for (const line of block.split('\n')) {
      if (line.startsWith(':')) this.comments += 1;
      else if (line.startsWith('id: ')) this.lastId = line.slice(4);
      else if (line.startsWith('event: ')) type = line.slice(7);
      else if (line.startsWith('data: ')) data.push(line.slice(6));
    }
    if (data.length > 0) this.events.push({ type, data: data.join('\n'), id: this.lastId });
  }
}
