// A second opinion on our frames and handshakes: npm's `ws` talks to tests/protocol/echo.c, once as
// its client and once as its server. What was sent has to come back.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import WebSocket, { WebSocketServer } from "ws";

const ECHO = path.resolve(process.env.BUILD_DIR ?? "../../build", "tests/protocol/echo");
const MESSAGE_MAX = 300_000;
const [first, last] = (process.env.SEEDS ?? (process.env.SOAK ? "1-200" : "1-10"))
    .split("-").map(Number);
const SEEDS = Array.from({ length: (last ?? first) - first + 1 }, (_, i) => first + i);

/** Repeatable random numbers (mulberry32, T. Ettinger). */
function random(seed) {
    let state = seed >>> 0;
    const next = () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    return { below: (limit) => Math.floor(next() * limit) };
}

const ALPHABET = [..."aZ09 \"\\\n\u0000äß€雪𝄞😀"];
const SIZES = [0, 1, 5, 124, 125, 126, 127, 1000, 16_000, 65_534, 65_535, 65_536, 65_537];

function randomText(draw) {
    const size = draw.below(3) === 0 ? SIZES[draw.below(SIZES.length)] : draw.below(300);
    if (draw.below(2)) return "x".repeat(size);
    return Array.from({ length: size / 4 }, () => ALPHABET[draw.below(ALPHABET.length)]).join("");
}

/** Send `text` in up to five fragments, cut between any two bytes, with pings between them. */
async function sendInFragments(socket, text, draw, pings) {
    const bytes = Buffer.from(text);
    const pieces = 1 + draw.below(5);
    const cuts = [0, ...Array.from({ length: pieces - 1 }, () => draw.below(bytes.length + 1)),
        bytes.length].sort((a, b) => a - b);

    for (let i = 0; i < pieces; i++) {
        socket.send(bytes.subarray(cuts[i], cuts[i + 1]), { binary: false, fin: i === pieces - 1 });
        if (draw.below(4) === 0) {
            pings.push(`ping ${pings.length}`);
            socket.ping(pings.at(-1));
        }
        if (draw.below(6) === 0) await new Promise(setImmediate);
    }
}

/** Everything that is sent comes back, in order; so does the close. */
async function converse(socket, seed) {
    const draw = random(seed);
    const sent = [];
    const received = [];
    const pings = [];
    const pongs = [];

    socket.on("message", (data, binary) => {
        assert.equal(binary, false);
        received.push(data.toString());
    });
    socket.on("pong", (data) => pongs.push(data.toString()));
    for (let i = 0; i < 30; i++) {
        sent.push(randomText(draw));
        await sendInFragments(socket, sent.at(-1), draw, pings);
    }
    while (received.length < sent.length) await once(socket, "message");
    assert.deepEqual(received, sent, `seed ${seed}`);

    socket.ping("the last one");
    pings.push("the last one");
    while (pongs.length < pings.length) await once(socket, "pong");
    assert.deepEqual(pongs, pings, `seed ${seed}`);

    const codes = [1000, 1001, 1003, 1007, 1008, 1011, 1013, 3000, 4999];
    const code = codes[draw.below(codes.length)];
    const reason = ["", "bye", "tschüß 😀", "x".repeat(123)][draw.below(4)];
    socket.close(code, reason);
    const [answered, because] = await once(socket, "close");
    assert.deepEqual([answered, because.toString()], [code, reason], `seed ${seed}`);
}

/** What our side closes with when it is sent something that it does not take. */
async function closedWith(socket, act) {
    socket.on("error", () => {});
    act(socket);
    const [code] = await once(socket, "close");
    return code;
}

const REFUSALS = [
    ["a binary message", 1003, (socket) => socket.send(Buffer.from([1, 2, 3]))],
    ["a message above the limit", 1009, (socket) => socket.send("x".repeat(MESSAGE_MAX + 1))],
    ["fragments above the limit", 1009, (socket) => {
        socket.send("x".repeat(MESSAGE_MAX), { fin: false });
        socket.send("x", { fin: true });
    }],
    ["text that is not UTF-8", 1007,
        (socket) => socket.send(Buffer.from([0x61, 0xff]), { binary: false })],
    ["a frame of a reserved opcode", 1002, (socket) => socket._socket.write("\x83\x80\0\0\0\0")],
];

let server;
let port;

before(async () => {
    server = spawn(ECHO, ["listen"], { stdio: ["ignore", "pipe", "inherit"] });
    [port] = await once(createInterface(server.stdout), "line");
});

after(() => server.kill());

async function connect(options = {}, protocols = []) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, protocols, options);
    await once(socket, "open");
    return socket;
}

/** Our client visits a server of ws'. */
async function visited(act) {
    const host = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    await once(host, "listening");
    const arrival = once(host, "connection");
    const client = spawn(ECHO, ["connect", `${host.address().port}`], { stdio: "inherit" });
    const gone = once(client, "exit");
    const [socket] = await arrival;
    try {
        await act(socket);
        const [status] = await gone;
        assert.equal(status, 0);
    } finally {
        client.kill();
        host.close();
    }
}

for (const seed of SEEDS) {
    test(`ws as client, our codec as server, seed ${seed}`, async () => {
        await converse(await connect(), seed);
    });
    test(`ws as server, our codec as client, seed ${seed}`, async () => {
        await visited((socket) => converse(socket, seed));
    });
}

for (const [name, code, act] of REFUSALS)
    test(`our server closes with ${code} on ${name}`, async () => {
        assert.equal(await closedWith(await connect(), act), code);
    });

test("our client closes with 1003 on a binary message", async () => {
    await visited(async (socket) => {
        assert.equal(await closedWith(socket, (it) => it.send(Buffer.from([1]))), 1003);
    });
});

test("ws takes our subprotocol and our silence about its extensions", async () => {
    const socket = await connect({ perMessageDeflate: true }, ["chat", "tutti.v1"]);
    assert.equal(socket.protocol, "tutti.v1");
    assert.equal(socket.extensions, "");
    socket.close();
    const [code] = await once(socket, "close");
    assert.equal(code, 1005);
});

for (const [name, options, status] of [
    ["a foreign origin", { origin: "http://evil.example" }, 403],
    ["an old version", { protocolVersion: 8 }, 426],
])
    test(`ws is told ${status} for ${name}`, async () => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}/`, options);
        const [error] = await once(socket, "error");
        assert.match(error.message, new RegExp(`${status}`));
    });
