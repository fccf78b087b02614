import assert from 'node:assert/strict';
import { FiguresExchange } from '../../src/cluster/figures-exchange.ts';
import type { ToWorker } from '../../src/cluster/messages.ts';
import type { Figures } from '../../src/metrics/figures.ts';
import { ServiceMetrics } from '../../src/metrics/service-metrics.ts';

/** Workers that answer as real ones do, unless they are silent. */
class Stage {
  readonly workers = new Map<number, ServiceMetrics>();
  readonly silent = new Set<number>();
  readonly exchange: FiguresExchange;
  #gathered: (figures: readonly Figures[]) => void = () => undefined;

  constructor(count: number) {
    for (let id = 1; id <= count; id += 1) this.workers.set(id, new ServiceMetrics());
    this.exchange = new FiguresExchange({
      ids: () => [...this.workers.keys()],
      send: (id, message) => void this.#receive(id, message),
    });
  }

  count(id: number, requests: number): void {
    for (let done = 0; done < requests; done += 1) this.workers.get(id)?.requestEnded('whoAmI', 200, 0.02);
  }

  die(id: number): void {
    this.workers.delete(id);
    this.exchange.ended(id);
  }

  /** What `/metrics` of a worker shows of the requests of all. */
  async shownBy(
    id: number,
  ): Promise<{ readonly counter: number; readonly histogram: number; readonly text: string }> {
    const metrics = this.workers.get(id);
    assert.ok(metrics !== undefined);
    const gathered = new Promise<readonly Figures[]>((resolve) => {
      this.#gathered = resolve;
    });
    void this.exchange.gather(id, 1, await metrics.figures());
    const none = new Map<string, number>();
    const authenticators = { installed: none, configured: none, enabled: none };
    const inventory = { resources: new Map([['user', 3]]), roles: none, authenticators };
    const text = await metrics.text(inventory, await gathered);
    const of = (line: RegExp): number => Number(line.exec(text)?.[1] ?? '0');
    return {
      counter: of(/^conjur_http_server_requests_total\{code="200",operation="whoAmI"\} (\d+)$/m),
      histogram: of(/^conjur_http_server_request_duration_seconds_count\{operation="whoAmI"\} (\d+)$/m),
      text,
    };
  }

  async #receive(id: number, message: ToWorker): Promise<void> {
    // As between processes: plain data only.
    const received = structuredClone(message);
    if (received.latchkey === 'gathered') this.#gathered(received.figures);
    else if (!this.silent.has(id)) {
      const figures = await this.workers.get(id)?.figures();
      if (figures !== undefined) this.exchange.told(id, received.request, structuredClone(figures));
    }
  }
}

describe('FiguresExchange', () => {
  it('adds up what all workers counted', async () => {
    const stage = new Stage(3);
    for (const id of [1, 2, 3]) stage.count(id, id);
    for (const id of [1, 2, 3]) {
      const { counter, histogram } = await stage.shownBy(id);
      assert.deepEqual({ counter, histogram }, { counter: 6, histogram: 6 });
    }
  });

  it('shows what is in the store once', async () => {
    const { text } = await new Stage(3).shownBy(2);
    assert.match(text, /^conjur_resource_count\{kind="user"\} 3$/m);
  });

  it('goes on counting what a worker that is gone told last', async () => {
    const stage = new Stage(3);
    for (const id of [1, 2, 3]) stage.count(id, 10);
    await stage.shownBy(1);
    stage.die(2);
    assert.equal((await stage.shownBy(1)).counter, 20 + 10);
    stage.die(3);
    const { counter, histogram } = await stage.shownBy(1);
    assert.deepEqual({ counter, histogram }, { counter: 30, histogram: 30 });
  });

  it('takes the last figures of a worker that ends in order', async () => {
    const stage = new Stage(2);
    stage.count(2, 7);
    const last = await stage.workers.get(2)?.figures();
    assert.ok(last !== undefined);
    stage.exchange.told(2, undefined, last);
    stage.die(2);
    assert.equal((await stage.shownBy(1)).counter, 7);
  });

  it('forgets what a worker that is gone held', async () => {
    const stage = new Stage(2);
    const memory = /^process_resident_memory_bytes (\d+)$/m;
    const both = Number(memory.exec((await stage.shownBy(1)).text)?.[1]);
    stage.die(2);
    assert.ok(Number(memory.exec((await stage.shownBy(1)).text)?.[1]) < both * 0.75);
  });

  it('shows a worker that does not answer as it last was', async () => {
    const stage = new Stage(2);
    stage.count(2, 4);
    await stage.shownBy(1);
    stage.silent.add(2);
    stage.count(2, 1);
    assert.equal((await stage.shownBy(1)).counter, 4);
  });

  it('does not wait for a worker that dies meanwhile', async () => {
    const stage = new Stage(2);
    stage.count(2, 4);
    await stage.shownBy(1);
    stage.silent.add(2);
    const shown = stage.shownBy(1);
    setImmediate(() => {
      stage.die(2);
    });
    await shown;
    assert.equal((await stage.shownBy(1)).counter, 4);
  });
});
