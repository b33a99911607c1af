/* requests - the store's calls in one line each, for the suites of the store. */
#ifndef TESTS_STORE_REQUESTS_H
#define TESTS_STORE_REQUESTS_H

#include <stdint.h>

#include "server/store/store.h"

/* Run one request on a back end, as a carrier would, and give it back with its outcome. */
struct store_claim request_claim(struct backend *backend, const char *name, uint64_t seen_epoch);
struct store_load request_load(struct backend *backend, const char *name, uint64_t seq_max);
struct store_load request_load_at(struct backend *backend, const char *name, uint64_t seq_max,
                                  uint64_t time_ms_max);
struct store_since request_since(struct backend *backend, const char *name, uint64_t from,
                                 uint64_t to);
struct store_session request_session(struct backend *backend, const char *name, uint8_t session);
struct store_versions request_versions(struct backend *backend, const char *name);
enum status request_commit(struct backend *backend, struct batch_document *documents, size_t count);

/* A session key that is all `byte`. */
struct session_key session_key_of(uint8_t byte);

/* Entry `seq` by session 1: an edit whose operation is `text`, alike in both forms. */
struct entry edit_of(uint64_t seq, uint64_t epoch, const char *text);

/* Claim a document, whoever has it, and return its new epoch. */
uint64_t claimed(struct backend *backend, const char *name);

/* Commit one edit behind `head`; its outcome. */
enum status append_edit(struct backend *backend, const char *name, uint64_t epoch, uint64_t head);

/* Commit what one document has; its outcome. */
enum status commit_alone(struct backend *backend, struct batch_document document);

/* Claim a new document and append so many edits; its epoch. */
uint64_t filled(struct backend *backend, const char *name, uint64_t edits);

/* notes/1 with five edits, a snapshot of the third, and a version of that. */
void fill_notes(struct backend *backend);

#endif
