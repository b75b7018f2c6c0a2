package dev.credence.app;

/**
 * A picture of a report.
 *
 * @param file the name of its file
 * @param title what it shows, for those who cannot see it
 * @param caption how to read it
 * @param width its width on the page, in pixels
 * @param png the picture
 */
record Picture(String file, String title, String caption, int width, byte[] png) {
  /** The same picture in a file of another name. */
  Picture named(String other) {
    return new Picture(other, title, caption, width, png);
  }
}
