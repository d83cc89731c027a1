package dev.whetstone.models.engine;

import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.engine.family.Layout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Every configuration that differs from a given one in a single value. */
final class Changes {
  private Changes() {}

  /**
   * @param what the value, for messages
   */
  record Changed(String what, DecoderConfig config) {}

  private record Other(String what, Object value) {}

  static List<Changed> of(DecoderConfig config) {
    return others("config", config).stream()
        .map(other -> new Changed(other.what(), (DecoderConfig) other.value()))
        .toList();
  }

  private static List<Other> others(String name, Object value) {
    if (value instanceof Layout) {
      return List.of(); // names: with another one nothing is found
    }
    if (value instanceof Record record) {
      return ofRecord(name, record);
    }
    if (value instanceof Optional<?> optional) {
      return optional.stream()
          .flatMap(some -> others(name, some).stream())
          .map(other -> new Other(other.what(), Optional.of(other.value())))
          .toList();
    }
    if (value instanceof List<?> list) {
      return ofList(name, list);
    }
    Object changed;
    if (value instanceof Integer number) {
      changed = number > 1 ? number / 2 : number + 1;
    } else if (value instanceof Double number) {
      changed = number == 0 ? 2. : number * 1.5;
    } else if (value instanceof Float number) {
      changed = number == 0 ? 2f : number * 1.5f;
    } else if (value instanceof Boolean flag) {
      changed = !flag;
    } else if (value instanceof Enum<?> one) {
      Object[] all = one.getDeclaringClass().getEnumConstants();
      changed = all[(Arrays.asList(all).indexOf(one) + 1) % all.length];
    } else {
      throw new AssertionError(name + " is of a type that is not known here: " + value.getClass());
    }
    return List.of(new Other("%s: %s instead of %s".formatted(name, changed, value), changed));
  }

  private static List<Other> ofList(String name, List<?> list) {
    var others = new ArrayList<Other>();
    for (int i = 0; i < list.size(); i++) {
      for (Other other : others(name + "[" + i + "]", list.get(i))) {
        var changed = new ArrayList<Object>(list);
        changed.set(i, other.value());
        others.add(new Other(other.what(), changed));
      }
    }
    return others;
  }

  private static List<Other> ofRecord(String name, Record record) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    var values = new Object[components.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = call(components[i], record);
    }
    var others = new ArrayList<Other>();
    for (int i = 0; i < values.length; i++) {
      for (Other other : others(name + "." + components[i].getName(), values[i])) {
        Object[] changed = values.clone();
        changed[i] = other.value();
        make(record.getClass(), changed).ifPresent(o -> others.add(new Other(other.what(), o)));
      }
    }
    return others;
  }

  private static Object call(RecordComponent component, Record record) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** Empty if the record refuses the values, as it should where they contradict each other. */
  private static Optional<Object> make(Class<?> type, Object[] values) {
    try {
      var constructor = type.getDeclaredConstructors()[0];
      constructor.setAccessible(true);
      return Optional.of(constructor.newInstance(values));
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException) {
        return Optional.empty();
      }
      throw new AssertionError(e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
