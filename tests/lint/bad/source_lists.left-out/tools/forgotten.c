static const int forgotten;
