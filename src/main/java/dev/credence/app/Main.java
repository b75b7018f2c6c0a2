package dev.credence.app;

/** Where the program starts; without arguments it runs {@code credence fit}. */
public final class Main {
  /** How the log is written: the message alone, on one line. */
  private static final String LOG_FORMAT = "java.util.logging.SimpleFormatter.format";

  private Main() {}

  /**
   * Runs one command and ends the process with its exit code.
   *
   * @param args the command and its options
   */
  public static void main(String[] args) {
    if (System.getProperty(LOG_FORMAT) == null) {
      System.setProperty(LOG_FORMAT, "%5$s%n");
    }
    System.exit(Cli.run(System.out, System.err, args));
  }
}
