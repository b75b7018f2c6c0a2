package dev.credence;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Prints why a test was skipped, which Surefire counts but does not tell. A reason that several
 * tests share is told once.
 */
public final class SkipReasons implements TestExecutionListener {
  private final Map<String, String> told = new ConcurrentHashMap<>();

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    tell(test, reason);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
      String message = result.getThrowable().map(Throwable::getMessage).orElse("no reason given");
      tell(test, message.replaceFirst("^Assumption failed: ", ""));
    }
  }

  private void tell(TestIdentifier test, String reason) {
    String name = name(test);
    if (told.putIfAbsent(reason, name) == null) {
      System.out.println("[SKIPPED] " + name + ": " + reason);
    }
  }

  private static String name(TestIdentifier test) {
    return switch (test.getSource().orElse(null)) {
      case MethodSource method -> simple(method.getClassName()) + "." + method.getMethodName();
      case ClassSource source -> simple(source.getClassName());
      case null, default -> test.getDisplayName();
    };
  }

  private static String simple(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }
}
