/* folder - a data folder of a test's own, and a hand that spoils what is in it. */
#ifndef TESTS_STORE_FOLDER_H
#define TESTS_STORE_FOLDER_H

enum { FOLDER_PATH_SIZE = 256 };

/* A name for a folder that does not exist yet, in a new one that does. */
void folder_new(char folder[FOLDER_PATH_SIZE]);

/* Take away both, and the store's files in them. */
void folder_remove(const char *folder);

/* The path of a file in the folder. */
void folder_path(char path[FOLDER_PATH_SIZE], const char *folder, const char *name);

/* Run SQL on the database of a closed store, as another program would. Makes what is missing. */
void folder_spoil(const char *folder, const char *sql);

#endif
