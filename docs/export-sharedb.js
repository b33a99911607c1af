/**
 * The documents of a ShareDB database as lines of JSON for `tutti import sharedb`; works on every
 * database adapter of ShareDB.
 */
const call = (db, method, ...values) =>
    new Promise((resolve, reject) => {
        db[method](...values, (error, value) => (error ? reject(error) : resolve(value)));
    });

const METADATA = { metadata: true };

/** The ids of a collection's documents; an adapter's queries leave out what was deleted. */
export async function idsOf(db, collection) {
    return (await call(db, 'query', collection, {}, null, {})).map(({ id }) => id);
}

/** Its operations from the first on; none when the database has let go of some. */
const operationsOf = (db, collection, id) =>
    call(db, 'getOps', collection, id, 0, null, METADATA).catch(() => []);

/** Of each of these documents its operations, if they are all there, and its snapshot. */
export async function* dump(db, collection, ids) {
    for (const id of ids) {
        const snapshot = await call(db, 'getSnapshot', collection, id, null, METADATA);
        const operations = await operationsOf(db, collection, id);
        const line = (version, values) =>
            `${JSON.stringify({ c: collection, d: id, v: version, ...values })}\n`;
        for (const [version, { op, create, del, src, seq, m }] of operations
            .slice(0, snapshot.v)
            .entries())
            yield line(version, { op, create, del, src, seq, m: { ts: m?.ts } });
        const { v, type, data, m } = snapshot;
        if (v > 0) yield line(v, { type: type ?? null, data, m: { mtime: m?.mtime } });
    }
}
