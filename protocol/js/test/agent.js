// Plays the agent, and other things that listen on a port, for the SDK's tests.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';

export const CERTIFICATE = 'a1'.repeat(32);
export const RENEWAL = 'b2'.repeat(16);
export const NONCE = 'u1bIzj0cJvKcBzJ8rGJrNqzmqXcU0a3JvX0O5c8b3yk';

export const AGENT = {
  product: 'koshin',
  version: '0.1.0',
  api: ['v1'],
  capabilities: ['renew', 'acquire', 'signed-requests'],
};

export const NEW_CERTIFICATE = {
  id: 'c3'.repeat(32),
  serial: '02',
  subject: 'CN=keiri-01',
  not_before: '2026-11-22T00:00:00Z',
  not_after: '2027-11-22T14:59:59Z',
};

/** @param {string} code @param {number} status */
export function problem(code, status) {
  return {
    type: `urn:koshin:problem:${code}`,
    title: `title of ${code}`,
    status,
    remedy: 'remedy',
    code,
    reference: '0123ABCD',
  };
}

/** An agent with one certificate, whose renewal moves when the test, or the page, moves it. */
export class FakeAgent {
  /** @param {{ agent?: object, certificates?: string[] }} [options] */
  constructor({ agent = AGENT, certificates = [CERTIFICATE] } = {}) {
    this.agent = agent;
    this.certificates = certificates;
    /** @type {any} */
    this.view = null;
    /** Every step, as its stream shows it. */
    this.steps = [];
    /** Requests that came, as "METHOD /path". */
    this.requests = [];
    /** Answers to be given instead of the usual ones: `(request, response) => handled`. */
    this.interception = () => false;
    /** Called after each step with the new state. */
    this.afterStep = () => {};
    /** Called when a stream of progress was opened. */
    this.afterStream = () => {};
    this.streams = new Set();
    this.server = createServer((request, response) => this.#answer(request, response));
  }

  /** @param {number} [port] */
  async listen(port = 0) {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = this.server.address().port;
    return this;
  }

  async close() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** Puts the renewal into a state. */
  step(state, more = {}) {
    const revision = this.view.revision + 1;
    const { problem: _, waiting: __, ...rest } = this.view;
    this.view = { ...rest, ...more, state, revision };
    const line = { revision, state, at: '2026-11-22T00:00:00Z' };
    this.steps.push(line);
    for (const stream of this.streams) stream.write(`${JSON.stringify(line)}\n`);
    this.afterStep(state);
  }

  /** Cuts every stream of progress off, in the middle of a line. */
  breakStreams() {
    for (const stream of this.streams) {
      stream.write('{"revision": 9', () => stream.destroy());
    }
  }

  begin({ kind, certificate } = { kind: 'renew', certificate: CERTIFICATE }) {
    if (this.view && !['cancelled', 'failed', 'expired', 'retired'].includes(this.view.state)) {
      return 200;
    }
    this.view = {
      id: RENEWAL,
      kind,
      ...(certificate ? { certificate } : {}),
      state: 'consent',
      revision: 1,
      created: '2026-11-22T00:00:00Z',
    };
    this.steps = [{ revision: 1, state: 'consent', at: '2026-11-22T00:00:00Z' }];
    setImmediate(() => this.afterStep('consent'));
    return 201;
  }

  async #answer(request, response) {
    const url = new URL(request.url, 'http://127.0.0.1');
    const call = `${request.method} ${url.pathname}`;
    this.requests.push(call);
    response.setHeader('access-control-allow-origin', '*');
    if (this.interception(call, response, request)) return;
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = text === '' ? undefined : JSON.parse(text);
    const renewal = `/v1/renewals/${RENEWAL}`;
    switch (call) {
      case 'GET /v1/agent':
        return json(response, 200, this.agent);
      case 'GET /v1/certificates':
        return json(response, 200, { certificates: this.certificates.map(listed) });
      case 'POST /v1/challenges':
        return json(response, 201, { nonce: NONCE, expires: '2026-11-22T00:05:00Z' });
      case 'POST /v1/renewals': {
        this.lastBegin = body;
        const status = this.begin(body);
        return json(response, status, this.view);
      }
      case `GET ${renewal}`:
        return json(response, 200, this.view);
      case `GET ${renewal}/events`:
        return this.#stream(response, Number(url.searchParams.get('after')));
      case `PUT ${renewal}/certificate`:
        return this.#deliver(response, body);
      case `POST ${renewal}/outcome`:
        this.lastOutcome = body;
        return json(response, 200, this.view);
      case `DELETE ${renewal}`:
        this.step('cancelled', { problem: problem('cancelled', 409) });
        return json(response, 200, this.view);
      default:
        return refuse(response, 'not-found', 404);
    }
  }

  #stream(response, after) {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write('\n');
    for (const line of this.steps) {
      if (line.revision > after) response.write(`${JSON.stringify(line)}\n`);
    }
    this.streams.add(response);
    response.on('close', () => this.streams.delete(response));
    this.afterStream();
  }

  #deliver(response, body) {
    const states = ['request-ready', 'awaiting-certificate', 'waiting'];
    if (!states.includes(this.view.state)) return refuse(response, 'wrong-state', 409);
    this.lastAnswer = body;
    if ('wrong_code' in body) {
      const { csr: _, ...view } = this.view;
      this.view = view;
      this.again = true;
      this.step('enter-code', { problem: problem('code-refused', 403) });
    } else if ('pending' in body) {
      this.step('waiting', { waiting: 'bank' });
    } else if (body.certificate === '') {
      return refuse(response, 'certificate-unreadable', 422);
    } else if (body.certificate === 'WRONG') {
      return refuse(response, 'certificate-key-mismatch', 422);
    } else {
      this.step('verified', { new_certificate: NEW_CERTIFICATE });
    }
    return json(response, 200, this.view);
  }
}

/** Moves an agent's renewal on by itself, as a person does who says yes to everything. */
export function agreeable(agent) {
  agent.afterStep = (state) => {
    const next = {
      consent: () => agent.step(agent.view.kind === 'acquire' ? 'choose-token' : 'authenticate'),
      'choose-token': () => agent.step('enter-code'),
      'enter-code': () => agent.step(agent.again ? 'key-ready' : 'authenticate'),
      authenticate: () => agent.step('key-ready'),
      'key-ready': () => {
        const proof = agent.view.kind === 'acquire' ? {} : { proof: 'UFJPT0Y=' };
        const csr = agent.again ? 'QUdBSU4=' : 'Q1NS';
        agent.step('awaiting-certificate', { csr, ...proof });
      },
      verified: () => agent.step('consent-to-install'),
      'consent-to-install': () => agent.step('unproven'),
      unproven: () => agent.step('grace', { receipt: 'UkVDRUlQVA==' }),
    }[state];
    if (next) setImmediate(next);
  };
  return agent;
}

/** A program that accepts connections and never answers. */
export class Squatter {
  #sockets = new Set();
  #server = createTcpServer((socket) => {
    this.#sockets.add(socket);
    socket.on('error', () => {});
  });

  /** @param {number} port */
  async listen(port) {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** An HTTP server that answers every request in the same way. */
export class Stranger {
  #server;

  /** @param {(response: import('node:http').ServerResponse) => void} answer */
  constructor(answer) {
    this.#server = createServer((_, response) => {
      response.setHeader('access-control-allow-origin', '*');
      answer(response);
    });
  }

  /** @param {number} port */
  async listen(port) {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
  }

  async close() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/**
 * Lets the servers listen on adjacent ports, as the SDK's range demands; null leaves a port free.
 * Closed when the test ends.
 *
 * @param {import('node:test').TestContext} test
 * @param {(FakeAgent | Squatter | Stranger | null)[]} servers
 */
export async function range(test, servers) {
  for (let first = await freePort(); ; first = await freePort()) {
    const listening = [];
    try {
      for (const [n, server] of servers.entries()) {
        await server?.listen(first + n);
        if (server) listening.push(server);
      }
      for (const server of listening) test.after(() => server.close().catch(() => {}));
      return { firstPort: first, portCount: servers.length };
    } catch (error) {
      // A neighbour was taken: another place.
      if (error.code !== 'EADDRINUSE' && error.code !== 'ERR_SOCKET_BAD_PORT') throw error;
      for (const server of listening) await server.close();
    }
  }
}

async function freePort() {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

export function refuse(response, code, status) {
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify(problem(code, status)));
}

function listed(id) {
  return {
    id,
    subject: 'CN=keiri-01',
    name: 'keiri-01',
    serial: '01',
    issuer: 'CN=Demo CA',
    not_before: '2025-12-12T00:00:00Z',
    not_after: '2026-12-12T14:59:59Z',
    days_left: 20,
    status: 'due',
    token: { label: 'Demo', serial: '1', manufacturer: 'SoftHSM' },
    key: { type: 'p-256', status: 'unknown' },
    renewal: null,
  };
}
