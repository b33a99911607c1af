/* limits - every bound of the server, each with its reason. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

enum {
    /* Names: a collection is a folder-like word, an id may be a URL; both fit in one row key. */
    LIMIT_COLLECTION_BYTES = 64,
    LIMIT_ID_BYTES = 256,

    /* A message: a paste of a large page passes, a memory attack does not. */
    LIMIT_MESSAGE_BYTES = 1 << 20,
    /* Of a larger one its beginning is kept, to find out which edit it was: what stands before the
     * operation, the longest names of a document written in escapes of six bytes for each … */
    LIMIT_OVERSIZED_KEPT_BYTES = 4 << 10,
    /* … and the rest is read over and thrown away, so that whoever sent it is told and goes on: a
     * whole document in escapes passes, more is nobody's mistake. */
    LIMIT_OVERSIZED_BYTES = 64 << 20,
    /* What a client composes to one operation still fits when others have cut it into pieces: a
     * JSON value takes two bytes at least, and a message has no more than LIMIT_JSON_NODES. */
    LIMIT_COMPOSED_BYTES = LIMIT_MESSAGE_BYTES / 8,
    /* Before `hello` a stranger has said nothing that deserves more. */
    LIMIT_HELLO_BYTES = 8 << 10,
    /* Real documents nest below 20; recursive walks stay far from the end of the stack. */
    LIMIT_JSON_DEPTH = 64,
    /* 1 MiB of `{},` costs 80 MB as JSON values: bound the count, not only the bytes. */
    LIMIT_JSON_NODES = 100000,

    /* A document is held in memory whole by its node and by each of its readers. */
    LIMIT_DOCUMENT_BYTES = 16 << 20,
    /* JSON values in a document: some 100 bytes of memory each. */
    LIMIT_DOCUMENT_NODES = 1 << 20,
    /* The transform of json0 is the product of the component counts. */
    LIMIT_JSON0_COMPONENTS = 512,
    /* Components of such an operation that were split by the other one, on the way. */
    LIMIT_SPLIT_COMPONENTS = 4096,
    /* A text operation beyond this is a program's doing; a snapshot serves it better. */
    LIMIT_OPERATION_COMPONENTS = 100000,

    /* A connection: a person has a handful of documents open, a back end has hundreds. */
    LIMIT_OPEN_DOCUMENTS = 1000,
    /* Messages of one connection in one turn, so that a loud one cannot starve the rest. */
    LIMIT_MESSAGES_PER_TURN = 256,
    /* Edits of one connection that have no fate yet, above which its input waits in the socket … */
    LIMIT_UNRESOLVED = 1024,
    LIMIT_UNRESOLVED_BYTES = 4 << 20,
    /* … and those of one document, above which more are refused for now. */
    LIMIT_INBOX = 8192,
    LIMIT_INBOX_BYTES = 64 << 20,
    /* A server that has too much to do is asked again after. */
    LIMIT_RETRY_AFTER_MS = 1000,
    /* What the system may hold for a connection that it cannot send yet: megabytes otherwise, all
     * of them older than what the reader would get when it reads. */
    LIMIT_UNSENT_BYTES = 128 << 10,
    /* Private output above this stops the reading of that connection's input … */
    LIMIT_PRIVATE_BYTES = 256 << 10,
    /* … and a cursor this far behind leaves the stream and is served from the log. */
    LIMIT_STREAM_BYTES = 1 << 20,
    /* One frame of operations; larger ones would delay control frames and other documents. */
    LIMIT_FRAME_BYTES = 64 << 10,
    /* Pieces of one write; the system takes 1,024, and few documents change in one turn. */
    LIMIT_WRITE_SPANS = 64,

    /* States are compared at the multiples of this (rule 9) … */
    LIMIT_CHECK_EVERY = 1024,
    /* … and of this in documents above so many bytes, where hashing costs more. */
    LIMIT_CHECK_EVERY_LARGE = 16384,
    LIMIT_CHECK_LARGE_BYTES = 256 << 10,
    /* Bundles of divergences in the data folder: each may hold a whole document. */
    LIMIT_BUNDLES = 16,
    /* What a session shows of itself in a document: a name, a colour, some selections. */
    LIMIT_PRESENCE_BYTES = 1 << 10,
    /* Sessions that show themselves in a document; nobody looks at more faces than that. */
    LIMIT_PRESENCE_VALUES = 1000,
    /* A channel of presence and what shows itself there, by ShareDB's clients: as long as a
     * document's name and a bit. */
    LIMIT_ROOM_NAME_BYTES = 400,
    /* A value that is not renewed is of somebody who has gone to sleep. */
    LIMIT_PRESENCE_MS = 60000,
    /* ShareDB's clients do not renew: their node does, so often that two of them may be lost. */
    LIMIT_PRESENCE_RENEW_MS = LIMIT_PRESENCE_MS / 3,
    /* One signal: what two browsers tell each other to set up a call passes … */
    LIMIT_SIGNAL_BYTES = 16 << 10,
    /* … and those to all in one turn of a document; what is over is dropped. */
    LIMIT_SIGNALS_BYTES = 64 << 10,

    /* Refused serials that a session's row remembers in one document. */
    LIMIT_SPENT_SERIALS = 1024,
    /* A document gets a snapshot after so many operations: they are replayed in a few
     * milliseconds, whenever it is opened or read … */
    LIMIT_SNAPSHOT_ENTRIES = 1024,
    /* … and after no fewer bytes of them than this part of its content: all its snapshots together
     * are at most so many times its log, and a large one is not written again for a few edits. */
    LIMIT_SNAPSHOT_SHARE = 4,

    /* What a document keeps in memory to transform over, by count and by bytes; older entries are
     * read back from the store when a late edit needs them … */
    LIMIT_HISTORY_ENTRIES = 4096,
    LIMIT_HISTORY_BYTES = 4 << 20,
    /* … but an edit this far behind has to come again from a reader that caught up. */
    LIMIT_BASE_AGE = 65536,
    /* Entries of one batch, over all documents: one transaction stays short. */
    LIMIT_BATCH_ENTRIES = 4096,
    /* Entries that leave the log in one transaction: commits wait for no longer than that. */
    LIMIT_FOLD_ENTRIES = 1024,
    /* Entries read from the store at once for a reader that lags. */
    LIMIT_SINCE_ENTRIES = 1000,
    /* So few operations go to a reader one by one: each keeps its author, and no edit of the reader
     * has to be sent again. More become one. */
    LIMIT_SINGLE_OPERATIONS = 32,
    /* Entries that are composed in one turn, over all readers: a few milliseconds. */
    LIMIT_COMPOSED_PER_TURN = 4096,
    /* A client that is farther behind gets the document instead: reading and composing so many
     * entries takes the better part of a second. */
    LIMIT_CATCH_UP_ENTRIES = 1 << 18,

    /* A node of a cluster says that it lives this often … */
    LIMIT_BEAT_MS = 200,
    /* … and leaves the members when it has not for so long: two beats may be lost. */
    LIMIT_MEMBER_MS = 600,
    /* Without answers for so long a node knows nothing of the others: five beats. */
    LIMIT_UNANSWERED_MS = 1000,
    /* A node that was missing from every answer for so long is gone: its documents are taken over.
     */
    LIMIT_GONE_MS = 2000,
    /* A document moves to who ranks first only when that lasts: a node that restarts comes back. */
    LIMIT_HAND_OVER_MS = 10000,
    /* A node has so many documents on their way to others at once: each is claimed in a transaction
     * of its own, and whoever writes in the last of them waits for all of these. */
    LIMIT_GIVEN_AT_ONCE = 32,
    /* An edit that was forwarded and not answered is sent again. */
    LIMIT_RESEND_MS = 1000,
    /* A reader that waits for its owner's word asks again so soon. */
    LIMIT_ASK_MS = 100,
    /* While the bus is away a followed document is read from the store so often. */
    LIMIT_POLL_MS = 2000,
    /* The head is told again so soon after a change, in case the last message was lost … */
    LIMIT_HEAD_MS = 1000,
    /* … and so often when nothing happens. */
    LIMIT_HEAD_QUIET_MS = 15000,
    /* A published message: a burst of pastes passes, more is read from the store. */
    LIMIT_BUS_MESSAGE_BYTES = 1 << 20,
    /* What waits for a slow Redis; more is dropped, which a hint may be. */
    LIMIT_BUS_BYTES = 16 << 20,

    /* Readings of the past under way in the store at once, all of a node's: each may hold a whole
     * document. */
    LIMIT_READINGS = 4,
    /* Questions of one connection that wait for their answer. */
    LIMIT_QUESTIONS = 16,
    /* Entries of the log in one answer; it also ends at LIMIT_FRAME_BYTES … */
    LIMIT_PAST_ENTRIES = 1000,
    /* … counted with what is written around an operation. */
    LIMIT_PAST_ENTRY_BYTES = 100,

    /* Runs of a text that have one author each, in one answer: what somebody typed in a few days,
     * letter by letter, and some megabytes of JSON. */
    LIMIT_BLAME_RUNS = 1 << 16,

    /* A document that is imported without its history begins at its version: each operation of
     * before is counted, one by one, in one transaction of a few seconds. */
    LIMIT_IMPORT_VERSION = 1 << 20,

    /* HTTP: header lines of real browsers with cookies stay below 16 KiB. */
    LIMIT_HTTP_HEADER_BYTES = 32 << 10,
    LIMIT_HTTP_BODY_BYTES = 1 << 20,
    /* The name of a version: a title, as people give them. */
    LIMIT_VERSION_BYTES = 256,
    /* An idempotency key: a UUID, or a path of the caller's own. */
    LIMIT_KEY_BYTES = 255,
    /* A call of the API that has no answer yet is told to come again: well below the time that a
     * proxy waits. */
    LIMIT_CALL_MS = 10000,
    /* The inspector: a handful of browsers, each with as many connections as browsers make. */
    LIMIT_INSPECTOR_CONNECTIONS = 64,
    /* Documents, or sessions of one, in a list that it shows; nobody reads on. */
    LIMIT_INSPECTED = 500,
    /* Entries that a shown one was moved over: a late edit passes thousands. */
    LIMIT_INSPECTED_PATH = 16,
    /* Who watches the log of a document gets so many of the newest entries first. */
    LIMIT_INSPECTOR_ENTRIES = 100,
    /* Connections that watch a log: the rest is for pages and figures. */
    LIMIT_INSPECTOR_WATCHERS = 32,
    /* What waits for the socket of one that watches, above which it misses entries … */
    LIMIT_INSPECTOR_BYTES = 256 << 10,
    /* … and what it may say, which nobody reads. */
    LIMIT_INSPECTOR_INPUT_BYTES = 4 << 10,
    /* Control frames: RFC 6455, section 5.5. */
    LIMIT_CONTROL_BYTES = 125,
    /* Pongs that wait for a full socket, above which nothing more is read. */
    LIMIT_PONG_BYTES = 4 << 10,
    /* One read: large enough for a paste, small enough to stay in the cache. */
    LIMIT_READ_BYTES = 64 << 10,

    /* A half-open socket is noticed after two of these. */
    LIMIT_HEARTBEAT_MS = 25000,
    /* A message in pieces, on a slow line, is a sign of life not more often than this: pieces are
     * many. */
    LIMIT_PIECES_MS = 1000,
    /* From accept to `welcome`; a person's phone on a bad network needs seconds. */
    LIMIT_HANDSHAKE_MS = 10000,
    /* A close frame and its answer: a network that needs longer has lost the peer. */
    LIMIT_CLOSE_MS = 3000,
    /* A socket that takes no byte for so long has nobody behind it: two heartbeats. */
    LIMIT_STALLED_MS = 2 * LIMIT_HEARTBEAT_MS,
    /* One HTTP request and its answer; the largest page passes on a slow phone. */
    LIMIT_HTTP_REQUEST_MS = 30000,
    /* From SIGTERM to the exit, flushed or not; below the 30 s of container managers. */
    LIMIT_SHUTDOWN_MS = 20000,
    /* A node that drains: load balancers look at /readyz so often … */
    LIMIT_NOTICE_MS = 1500,
    /* … its documents are with others after so long, or will be taken over … */
    LIMIT_DRAIN_MS = 6000,
    /* … and its clients come back one after the other, over so long. */
    LIMIT_SEND_AWAY_MS = 2000,
    /* Without free descriptors, accepting is tried again after. */
    LIMIT_ACCEPT_PAUSE_MS = 250,
    /* A document without readers stays in memory for this long. */
    LIMIT_IDLE_DOCUMENT_MS = 30000
};

#endif
