/**
 * The command line, its progress and its reports: words, tables and pictures; it never touches a
 * tensor.
 */
@NullMarked
package dev.credence.app;

import org.jspecify.annotations.NullMarked;
