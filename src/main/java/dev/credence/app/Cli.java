package dev.credence.app;

import dev.credence.data.DataException;
import dev.credence.device.OutOfDeviceMemoryException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Objects;
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
    subcommands = {FitCommand.class, DevicesCommand.class, HelpCommand.class},
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
    return commandLine(out, err).execute(args.length == 0 ? new String[] {"fit"} : args);
  }

  private static CommandLine commandLine(PrintStream out, PrintStream err) {
    return new CommandLine(new Cli())
        .setOut(writer(out))
        .setErr(writer(err))
        .registerConverter(Integer.class, Cli::wholeNumber)
        .registerConverter(Long.class, Cli::longNumber)
        .registerConverter(Double.class, Cli::number)
        .setParameterExceptionHandler((e, args) -> fail(e.getCommandLine(), sentence(e), BAD_INPUT))
        .setExecutionExceptionHandler((e, command, parsed) -> failed(command, e));
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, stream.charset());
  }

  private static int failed(CommandLine command, Exception e) {
    return switch (e) {
      case UserError error -> fail(command, message(error), BAD_INPUT);
      case DataException error -> fail(command, message(error), BAD_INPUT);
      case OutOfDeviceMemoryException error -> fail(command, message(error), FAILED);
      default -> {
        int code = fail(command, "this is a defect of Credence, not a mistake of yours.", FAILED);
        e.printStackTrace(command.getErr());
        yield code;
      }
    };
  }

  private static int fail(CommandLine command, String sentence, int code) {
    String stop = sentence.endsWith(".") || sentence.endsWith("?") ? "" : ".";
    command.getErr().println("credence: " + sentence + stop);
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

  private static Integer wholeNumber(String text) {
    try {
      return Integer.valueOf(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is not a whole number in range");
    }
  }

  private static Long longNumber(String text) {
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is not a whole number in range");
    }
  }

  private static Double number(String text) {
    try {
      return Double.valueOf(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is not a number");
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
