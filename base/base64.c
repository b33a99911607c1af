#include "base/base64.h"

static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The bits from `shift` up, as a letter. */
static uint8_t letter(const char *alphabet, uint32_t bits, unsigned shift)
{
    return (uint8_t)alphabet[bits >> shift & 63];
}

/* Without padding; a rest of one or two bytes gives two or three letters. */
static void write_letters(struct buffer *out, struct span bytes, const char *alphabet)
{
    uint8_t *at = buffer_reserve(out, bytes.size / 3 * 4 + 4);
    size_t size = 0;

    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t left = bytes.size - i;
        uint32_t bits = (uint32_t)bytes.data[i] << 16;

        if (left > 1)
            bits |= (uint32_t)bytes.data[i + 1] << 8;
        if (left > 2)
            bits |= bytes.data[i + 2];
        at[size++] = letter(alphabet, bits, 18);
        at[size++] = letter(alphabet, bits, 12);
        if (left > 1)
            at[size++] = letter(alphabet, bits, 6);
        if (left > 2)
            at[size++] = letter(alphabet, bits, 0);
    }
    buffer_grow(out, size);
}

void base64_write(struct buffer *out, struct span bytes)
{
    write_letters(out, bytes, plain);
    if (bytes.size % 3 != 0)
        buffer_append_text(out, bytes.size % 3 == 1 ? "==" : "=");
}

void base64url_write(struct buffer *out, struct span bytes)
{
    write_letters(out, bytes, url);
}

/* The six bits of a letter; −1 when it is none. */
static int bits_of(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return byte - 'A';
    if (byte >= 'a' && byte <= 'z')
        return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9')
        return byte - '0' + 52;
    if (byte == '-')
        return 62;
    return byte == '_' ? 63 : -1;
}

bool base64url_read(struct span text, uint8_t *out, size_t *size)
{
    uint32_t bits = 0;
    unsigned held = 0; /* bits in `bits` that are not written yet */
    size_t written = 0;

    if (text.size % 4 == 1)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        int six = bits_of(text.data[i]);

        if (six < 0)
            return false;
        bits = bits << 6 | (uint32_t)six;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[written++] = (uint8_t)(bits >> held);
        }
    }
    /* Bits left over that are not 0 would give the same bytes a second spelling. */
    if ((bits & ((1u << held) - 1)) != 0)
        return false;
    *size = written;
    return true;
}

void hex_write(struct buffer *out, struct span bytes)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t *at = buffer_reserve(out, bytes.size * 2);

    for (size_t i = 0; i < bytes.size; i++) {
        *at++ = (uint8_t)digits[bytes.data[i] >> 4];
        *at++ = (uint8_t)digits[bytes.data[i] & 15];
    }
    buffer_grow(out, bytes.size * 2);
}
