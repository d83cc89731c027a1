package dev.whetstone.datasets.export;

import java.util.List;

/** The programs that rows can be exported to. */
public final class ExportFormats {
  public static final List<ExportFormat> ALL =
      List.of(
          new MessagesFormat(),
          new TrlFormat(),
          new LlamaFactoryFormat(),
          new MsSwiftFormat(),
          new OpenAiFormat());

  private ExportFormats() {}
}
