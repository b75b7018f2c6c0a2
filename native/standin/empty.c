/* libcublasLt and libnvrtc-builtins: others need them to be there. */
int standin_empty;
