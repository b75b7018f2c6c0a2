package dev.credence.app;

import dev.credence.data.DataException;
import dev.credence.device.OutOfDeviceMemoryException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: its commands, its one way of telling errors, and its exit codes. */
@Command(
    name = "credence",
    description = "Bayesian deep learning: predictions that know how sure they are.",
    mixinStandardHelpOptions = true,
    versionProvider = Cli.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Without a command, credence fit runs on data of its own."})
public final class Cli {
  /** All went well. */
  public static final int OK = 0;

  /** The machine could not do what was asked, or Credence has a defect. */
  public static final int FAILED = 1;

  /** The user asked for what cannot be; one sentence on the error stream says why. */
  public static final int BAD_INPUT = 2;

  private Cli() {}

  /**
   * Runs one command.
   *
   * @param out where results go
   * @param err where progress and errors go
   * @param args the command and its options; none is {@code fit}
   * @return the exit code
   */
  public static int run(PrintStream out, PrintStream err, String... args) {
    PrintWriter errors = writer(err);
    try {
      return commandLine(writer(out), errors)
          .execute(args.length == 0 ? new String[] {"fit"} : args);
    } catch (OutOfMemoryError e) {
      long heap = Runtime.getRuntime().maxMemory();
      return fail(
          errors,
          "the Java heap of " + Text.bytes(heap) + " is too small; java -Xmx enlarges it.",
          FAILED);
    }
  }

  private static CommandLine commandLine(PrintWriter out, PrintWriter err) {
    return new CommandLine(new Cli())
        .addSubcommand(new FitCommand(out, err))
        .addSubcommand(new PredictCommand(out))
        .addSubcommand(new RunCommand(out, err))
        .addSubcommand(new DevicesCommand(out))
        .addSubcommand(new HelpCommand())
        .setOut(out)
        .setErr(err)
        .registerConverter(Integer.class, text -> number(Integer::valueOf, text, "a whole number"))
        .registerConverter(long.class, text -> number(Long::valueOf, text, "a whole number"))
        .registerConverter(double.class, text -> number(Double::valueOf, text, "a number"))
        .setParameterExceptionHandler((e, args) -> fail(err, sentence(e), BAD_INPUT))
        .setExecutionExceptionHandler((e, command, parsed) -> failed(err, e));
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, stream.charset());
  }

  private static int failed(PrintWriter err, Exception e) {
    return switch (e) {
      case UserError error -> fail(err, message(error), BAD_INPUT);
      case DataException error -> fail(err, message(error), BAD_INPUT);
      case OutOfDeviceMemoryException error -> fail(err, message(error), FAILED);
      default -> {
        int code = fail(err, "this is a defect of Credence, not a mistake of yours.", FAILED);
        e.printStackTrace(err);
        yield code;
      }
    };
  }

  private static int fail(PrintWriter err, String sentence, int code) {
    err.println("credence: " + sentence + (sentence.endsWith(".") ? "" : "."));
    return code;
  }

  /** What is wrong with the options, on one line, and where to read which there are. */
  private static String sentence(ParameterException e) {
    String what =
        e instanceof UnmatchedArgumentException unmatched
            ? unmatched(unmatched)
            : message(e).lines().findFirst().orElse("").replaceFirst("\\.$", "");
    return what + "; see '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.";
  }

  private static String unmatched(UnmatchedArgumentException e) {
    String first = e.getUnmatched().getFirst();
    if (first.startsWith("-")) {
      return "there is no option '" + first + "'";
    }
    return e.getCommandLine().getParent() == null
        ? "there is no command '" + first + "'"
        : "'" + first + "' is one argument too many";
  }

  private static String message(Exception e) {
    return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
  }

  private static <N> N number(Function<String, N> parse, String text, String what) {
    try {
      return parse.apply(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is not " + what);
    }
  }

  /** The version, from the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Cli.class.getPackage().getImplementationVersion();
      return new String[] {
        "Credence " + Objects.requireNonNullElse(version, "(development build)"),
        "Java "
            + Runtime.version()
            + ", "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch")
      };
    }
  }
}
