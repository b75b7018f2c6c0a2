package dev.credence.app;

import java.util.logging.Level;
import java.util.logging.Logger;

/** Where the program starts; without arguments it runs {@code credence fit}. */
public final class Main {
  /** The library's log. A logger set up is forgotten unless somebody holds it. */
  private static final Logger LOG = Logger.getLogger("dev.credence");

  private Main() {}

  /**
   * Runs one command and ends the process with its exit code.
   *
   * @param args the command and its options
   */
  public static void main(String[] args) {
    // What is logged for information, the commands say themselves.
    if (System.getProperty("java.util.logging.config.file") == null) {
      LOG.setLevel(Level.WARNING);
    }
    System.exit(Cli.run(System.out, System.err, args));
  }
}
