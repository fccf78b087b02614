/** The real service, and a home in which commands run as its administrator. */
import assert from 'node:assert/strict';
import { startTestService, type TestService } from '../support/service.ts';
import { TestHome, type Run, type RunOptions } from './support.ts';

export class AdminHome {
  readonly service: TestService;
  readonly env: Readonly<Record<string, string>>;
  readonly #home = new TestHome();

  /** @param settings further settings of the service */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<AdminHome> {
    return new AdminHome(await startTestService(settings));
  }

  private constructor(service: TestService) {
    this.service = service;
    this.env = {
      LATCHKEY_URL: service.url,
      LATCHKEY_ACCOUNT: service.account,
      LATCHKEY_AUTHN_LOGIN: 'admin',
      LATCHKEY_AUTHN_API_KEY: service.adminKey,
    };
  }

  get path(): string {
    return this.#home.path;
  }

  /** Runs a command in this process. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Run> {
    return this.#home.run(args, { env: this.env, ...options });
  }

  /** What a command that succeeds prints. */
  async done(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const run = await this.run(args, options);
    assert.equal(run.code, 0, run.stderr);
    return run.stdout;
  }

  /** Runs a command that fails, with a message on standard error. */
  async refused(code: number, message: RegExp, args: readonly string[]): Promise<Run> {
    const run = await this.run(args);
    assert.equal(run.code, code, run.stdout);
    assert.match(run.stderr, message);
    return run;
  }

  /** Runs the program that is shipped, as a process of its own and as nobody. */
  spawn(args: readonly string[]): Promise<Run> {
    return this.#home.spawn(args);
  }

  async close(): Promise<void> {
    this.#home.remove();
    await this.service.stop();
  }
}
