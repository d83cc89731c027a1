package dev.whetstone.artifacts.command;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How a command is ended from outside. Ctrl-C and SIGTERM end it in order: shutdown hooks save what
 * can be saved, and the exit code is {@value Commands#INTERRUPTED} for both, where the JVM would
 * give 143 for the second. A second signal ends it at once.
 */
final class Interruption {
  private Interruption() {}

  static void listen() {
    var interrupted = new AtomicBoolean();
    onSignals(
        () -> {
          if (interrupted.getAndSet(true)) {
            Runtime.getRuntime().halt(Commands.INTERRUPTED);
          }
          System.err.println("whetstone: interrupted");
          System.exit(Commands.INTERRUPTED);
        });
    String parent = System.getenv(Commands.PARENT);
    if (parent != null) {
      endWith(Long.parseLong(parent));
    }
  }

  /**
   * The JDK's only way to hear of signals, and so to choose their exit code, is {@code
   * sun.misc.Signal}: exported to all, but javac warns of it and knows no way to accept that. Hence
   * by reflection; a JVM without it keeps its own exit codes.
   */
  private static void onSignals(Runnable work) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object heard =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                work.run();
                return null;
              });
      for (String name : new String[] {"INT", "TERM"}) {
        signal
            .getMethod("handle", signal, handler)
            .invoke(null, signal.getConstructor(String.class).newInstance(name), heard);
      }
    } catch (ReflectiveOperationException e) {
      System.err.println("whetstone: signals end with the JVM's exit codes here (" + e + ")");
    }
  }

  /**
   * Ends this process once {@code parent} is gone: whoever was killed while it waited for us will
   * start the same work again, and must not find us still at it.
   */
  private static void endWith(long parent) {
    ProcessHandle.of(parent)
        .ifPresentOrElse(
            process -> {
              var unused =
                  process.onExit().thenRun(() -> Runtime.getRuntime().halt(Commands.INTERRUPTED));
            },
            () -> Runtime.getRuntime().halt(Commands.INTERRUPTED));
  }
}
