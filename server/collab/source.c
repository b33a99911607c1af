#include "server/collab/source.h"

#include <string.h>

#include "base/base64.h"
#include "base/hash.h"

struct session_key source_issue(const uint8_t secret[STORE_SECRET_SIZE], struct span user,
                                const uint8_t drawn[SOURCE_DRAWN_SIZE])
{
    struct session_key session;
    struct buffer named = {0};
    uint8_t digest[HASH_SHA256_SIZE];

    buffer_append_text(&named, "source");
    buffer_append_byte(&named, 0);
    buffer_append(&named, span_of(drawn, SOURCE_DRAWN_SIZE));
    buffer_append(&named, user);
    hash_hmac(span_of(secret, STORE_SECRET_SIZE), buffer_span(&named), digest);
    buffer_finish(&named);
    memcpy(session.bytes, drawn, SOURCE_DRAWN_SIZE);
    memcpy(session.bytes + SOURCE_DRAWN_SIZE, digest, SESSION_KEY_SIZE - SOURCE_DRAWN_SIZE);
    return session;
}

bool source_read(const uint8_t secret[STORE_SECRET_SIZE], struct span user, struct span text,
                 struct session_key *session)
{
    uint8_t bytes[SOURCE_LETTERS * 3 / 4];
    size_t size;

    if (text.size != SOURCE_LETTERS || !base64url_read(text, bytes, &size))
        return false;
    struct session_key issued = source_issue(secret, user, bytes);

    if (memcmp(issued.bytes, bytes, SESSION_KEY_SIZE) != 0)
        return false;
    *session = issued;
    return true;
}

void source_write(struct buffer *out, const struct session_key *session)
{
    base64url_write(out, span_of(session->bytes, SESSION_KEY_SIZE));
}
