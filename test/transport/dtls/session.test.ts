import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  connectDtls,
  type DtlsConnection,
  type DtlsError,
  type DtlsServer,
} from '../../../src/transport/dtls/index.js';
import { clientPool } from '../../../src/transport/dtls/client-pool.js';
import {
  ask,
  client,
  echoServer,
  freePort,
  HOST,
  messagesOf,
  nextDatagram,
  record,
  sharedEchoServer,
  udpSocket,
} from './support.js';

/** Content type of a record. */
const APPLICATION_DATA = 23;
const shared = sharedEchoServer();

function closed(end: DtlsConnection | DtlsServer): Promise<DtlsError | undefined> {
  return new Promise((resolve) => end.onClose(resolve));
}

describe('messages', () => {
  it('arrive whole, in order and unchanged', async () => {
    const connection = await client(shared().port);
    const messages = messagesOf(connection);
    const sent = ['a', 'b'.repeat(16_384), 'ü'];
    for (const text of sent) {
      const fitting = Buffer.from(text).subarray(0, 16_384);
      await connection.send(fitting);
      expect(await messages.next()).toBe(fitting.toString());
    }
  });

  it('wait for the first listener', async () => {
    const server = await echoServer({});
    const connection = await client(server.port);
    await connection.send(Buffer.from('early'));
    // The answer to stats comes behind the echo on its way to this process.
    await server.stats();
    expect(await messagesOf(connection).next()).toBe('early');
  });

  it.each([0, 16_385])('of %i bytes are refused', async (length) => {
    const connection = await client(shared().port);
    await expect(connection.send(new Uint8Array(length))).rejects.toMatchObject({
      code: 'dtls-configuration',
    });
  });

  it('arrive once when their record is replayed', async () => {
    const connection = await client(shared().port);
    const messages = messagesOf(connection);
    const before = shared().messages.length;
    await connection.send(Buffer.from('once'));
    await connection.replayLastRecord();
    await connection.replayLastRecord();
    expect(await messages.next()).toBe('once');
    await connection.send(Buffer.from('then'));
    expect(await messages.next()).toBe('then');
    expect(shared().messages.slice(before)).toEqual(['once', 'then']);
  });

  it('end the session when their record is replayed, where the server takes that for an attack', async () => {
    const server = await echoServer({ replayEndsSession: true });
    const connection = await client(server.port);
    expect(await ask(connection, 'first')).toBe('first');
    expect(await ask(connection, 'second')).toBe('second');
    const end = closed(connection);
    await connection.replayLastRecord();
    await end;
    expect(server.messages).toEqual(['first', 'second']);
  });

  it('are replayed byte for byte', async () => {
    // Stands between the two and counts what the client sends; a handshake repeats itself where time presses.
    const relay = await udpSocket();
    const seen: string[] = [];
    let clientPort = 0;
    relay.on('message', (datagram, { port }) => {
      if (port !== shared().port) {
        clientPort = port;
        if (datagram[0] === APPLICATION_DATA) seen.push(datagram.toString('hex'));
      }
      relay.send(datagram, port === shared().port ? clientPort : shared().port, HOST);
    });
    const connection = await client(relay.address().port);
    await connection.send(Buffer.from('twin'));
    await connection.replayLastRecord();
    await ask(connection, 'end');
    expect(seen.at(-2)).toBe(seen.at(-3));
    expect(seen.at(-1)).not.toBe(seen.at(-2));
  });

  it('cannot be replayed before there was one', async () => {
    const connection = await client(shared().port);
    await expect(connection.replayLastRecord()).rejects.toMatchObject({ code: 'dtls-closed' });
  });
});

describe('the end', () => {
  it('by the client is seen by the server, and the other way round', async () => {
    const connection = await client(shared().port);
    await ask(connection, 'in');
    const session = shared().sessions.at(-1)!;
    const seen = closed(session);
    await connection.close();
    expect(await seen).toBeUndefined();
    await expect(session.send(Buffer.from('late'))).rejects.toMatchObject({ code: 'dtls-closed' });

    const second = await client(shared().port);
    await ask(second, 'in');
    const gone = closed(second);
    await shared().sessions.at(-1)!.close();
    expect(await gone).toBeUndefined();
    await expect(second.send(Buffer.from('late'))).rejects.toMatchObject({ code: 'dtls-closed' });
    await expect(second.replayLastRecord()).rejects.toMatchObject({ code: 'dtls-closed' });
  });

  it('may come twice, and is told to late listeners', async () => {
    const connection = await client(shared().port);
    await Promise.all([connection.close(), connection.close()]);
    await connection.close();
    expect(await closed(connection)).toBeUndefined();
  });

  it('of the server ends its sessions', async () => {
    const server = await echoServer({});
    const connection = await client(server.port);
    await ask(connection, 'in');
    const ends = [closed(connection), closed(server.sessions[0]!), closed(server)];
    await server.close();
    expect(await Promise.all(ends)).toEqual([undefined, undefined, undefined]);
    await server.close();
    await expect(server.stats()).rejects.toMatchObject({ code: 'dtls-closed' });
  });

  it('of the server by its signal', async () => {
    const stop = new AbortController();
    const server = await echoServer({ signal: stop.signal });
    const end = closed(server);
    stop.abort();
    expect(await end).toBeUndefined();
  });
});

describe('a server that dies', () => {
  it('is dtls-crashed to its owner, and gone to its client', async () => {
    const server = await echoServer({});
    const connection = await client(server.port);
    await ask(connection, 'alive');
    const ends = [closed(server), closed(server.sessions[0]!)];
    const gone = closed(connection);
    process.kill((await server.stats()).pid, 'SIGKILL');
    expect((await Promise.all(ends)).map((error) => error?.code)).toEqual(['dtls-crashed', 'dtls-crashed']);
    await expect(server.sessions[0]!.send(Buffer.from('x'))).rejects.toMatchObject({ code: 'dtls-crashed' });
    // The port is closed: the next datagram is answered by ICMP.
    await connection.send(Buffer.from('anybody there'));
    expect(await gone).toMatchObject({ code: 'dtls-closed', systemCode: 'ECONNREFUSED' });
  });

  it('and starts again on its port does not know its sessions, and takes new ones', async () => {
    const server = await echoServer({});
    const old = await client(server.port);
    await ask(old, 'before');
    process.kill((await server.stats()).pid, 'SIGKILL');
    const again = await echoServer({ port: server.port });
    await old.send(Buffer.from('nobody knows this key'));
    expect(await ask(await client(again.port), 'after')).toBe('after');
    expect(again.messages).toEqual(['after']);
  });
});

describe('a server that was closed', () => {
  it('leaves its process to the next, which knows nothing of its sessions', async () => {
    const first = await echoServer({});
    const old = await client(first.port);
    await ask(old, 'before');
    const [session] = first.sessions;
    const { pid } = await first.stats();
    await first.close();
    const second = await echoServer({});
    expect((await second.stats()).pid).toBe(pid);
    const connection = await client(second.port);
    await expect(session!.send(Buffer.from('from before'))).rejects.toMatchObject({ code: 'dtls-closed' });
    expect(await ask(connection, 'after')).toBe('after');
    expect(second.messages).toEqual(['after']);
    expect(await second.stats()).toMatchObject({ established: 1, halfOpen: 0 });
  });

  it('leaves no process that died', async () => {
    const first = await echoServer({});
    const { pid } = await first.stats();
    await first.close();
    process.kill(pid, 'SIGKILL');
    const second = await echoServer({});
    expect(await ask(await client(second.port), 'alive')).toBe('alive');
  });
});

describe('a server whose whole process is killed', () => {
  it('lets its port go', async () => {
    const module = fileURLToPath(new URL('./server-process.ts', import.meta.url));
    const owner = fork(module, [], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const port = await new Promise<number>((resolve) => owner.once('message', resolve));
    const connection = await client(port);
    expect(await ask(connection, 'first life')).toBe('first life');
    const exit = new Promise((resolve) => owner.once('exit', resolve));
    owner.kill('SIGKILL');
    await exit;
    await echoServer({ port });
    expect(await ask(await client(port), 'second life')).toBe('second life');
  });
});

describe('many clients', () => {
  it('open their sessions at once', async () => {
    const server = await echoServer({});
    const names = Array.from({ length: 200 }, (_, index) => `device ${index}`);
    const answers = await Promise.all(names.map(async (name) => ask(await client(server.port), name)));
    expect(answers).toEqual(names);
    expect(await server.stats()).toMatchObject({ established: 200, halfOpen: 0 });
  });
});

describe('a client process that dies', () => {
  it('rejects what is pending, and the next connection has a new one', async () => {
    const silent = await udpSocket();
    const hello = nextDatagram(silent);
    const connection = await client(shared().port);
    const pending = client(silent.address().port);
    await hello;
    const end = closed(connection);
    process.kill((await clientPool()).pid!, 'SIGKILL');
    await expect(pending).rejects.toMatchObject({ code: 'dtls-crashed' });
    expect(await end).toMatchObject({ code: 'dtls-crashed' });
    await expect(connection.send(Buffer.from('x'))).rejects.toMatchObject({ code: 'dtls-crashed' });
    expect(await ask(await client(shared().port), 'again')).toBe('again');
  });
});

describe('a handshake', () => {
  it('with nobody ends at once', async () => {
    const port = await freePort();
    await expect(client(port)).rejects.toMatchObject({
      code: 'dtls-handshake',
      systemCode: 'ECONNREFUSED',
      place: `${HOST}:${port}`,
    });
  });

  it('with a host that has no address', async () => {
    await expect(client(5684, { host: 'no-such-host.invalid' })).rejects.toMatchObject({
      code: 'dtls-handshake',
      systemCode: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) as string,
    });
  });

  it('with silence ends at its deadline, and the hello was repeated', async () => {
    const silent = await udpSocket();
    const hellos: Buffer[] = [];
    silent.on('message', (datagram) => hellos.push(datagram));
    const attempt = client(silent.address().port, { handshakeTimeoutMs: 1500 });
    await expect(attempt).rejects.toMatchObject({ code: 'dtls-timeout', actual: 'no answer at all' });
    // After one second (RFC 6347 4.2.4.1); only the number of the record differs.
    expect(hellos).toHaveLength(2);
    expect(hellos[1]!.subarray(13)).toEqual(hellos[0]!.subarray(13));
  });

  it('that is aborted', async () => {
    const silent = await udpSocket();
    const stop = new AbortController();
    const hello = nextDatagram(silent);
    const attempt = client(silent.address().port, { signal: stop.signal });
    await hello;
    stop.abort(new Error('enough'));
    await expect(attempt).rejects.toMatchObject({ code: 'dtls-closed', cause: new Error('enough') });
    await expect(client(1, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'dtls-closed' });
  });

  it('that is refused by an alert', async () => {
    const peer = await udpSocket();
    peer.on('message', (_hello, { port }) => peer.send(record(21, Buffer.from([2, 49])), port, HOST));
    await expect(client(peer.address().port)).rejects.toMatchObject({
      code: 'dtls-handshake',
      facts: { alert: 'access_denied', cookieExchanged: false },
    });
  });

  it('survives lost datagrams', async () => {
    const relay = await udpSocket();
    let clientPort = 0;
    let count = 0;
    relay.on('message', (datagram, { port }) => {
      const fromServer = port === shared().port;
      if (!fromServer) clientPort = port;
      // The first of the server is its HelloVerifyRequest.
      if (fromServer && ++count === 1) return;
      relay.send(datagram, fromServer ? clientPort : shared().port, HOST);
    });
    const connection = await connectDtls({ host: HOST, port: relay.address().port, trust: { none: true } });
    expect(await ask(connection, 'through')).toBe('through');
    expect(count).toBeGreaterThan(2);
    await connection.close();
  });
});
