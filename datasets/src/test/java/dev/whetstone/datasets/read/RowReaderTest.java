package dev.whetstone.datasets.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowReaderTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'messages': [{'role': 'user', 'content': 'a'}, {'role': 'assistant', 'content': 'b'}]}",
        "{'messages': [{'role': 'user', 'content': [{'type': 'text', 'text': 'a'}]},"
            + " {'role': 'assistant', 'content': 'b'}]}",
        "{'prompt': 'a', 'completion': 'b'}",
        "{'prompt': [{'role': 'user', 'content': 'a'}], 'completion': 'b'}",
        "{'instruction': 'a', 'input': '', 'output': 'b'}",
        "{'instruction': 'a', 'output': 'b'}",
        "{'conversations': [{'from': 'human', 'value': 'a'}, {'from': 'gpt', 'value': 'b'}]}"
      })
  void everyShapeBecomesTheSameTurns(String row) throws BrokenRowException {
    assertThat(RowReader.read(json(row)).messages())
        .containsExactly(Message.of("user", "a"), Message.of("assistant", "b"));
  }

  @Test
  void alpacaJoinsInstructionAndInputAndKeepsItsHistory() throws BrokenRowException {
    Conversation row =
        RowReader.read(
            json(
                "{'system': 's', 'instruction': 'a', 'input': 'b', 'output': 'c',"
                    + " 'history': [['x', 'y']]}"));
    assertThat(row.messages())
        .containsExactly(
            Message.of("system", "s"),
            Message.of("user", "x"),
            Message.of("assistant", "y"),
            Message.of("user", "a\nb"),
            Message.of("assistant", "c"));
  }

  @Test
  void toolsAndToolCallsStayJsonText() throws BrokenRowException {
    Conversation row =
        RowReader.read(
            json(
                "{'id': 7, 'tools': [{'name': 'f'}], 'messages': [{'role': 'user', 'content': 'a'},"
                    + " {'role': 'assistant', 'content': null,"
                    + " 'tool_calls': [{'function': {'name': 'f', 'arguments': {'x': 1}}}]}]}"));
    assertThat(row.id()).isEqualTo("7");
    assertThat(row.tools()).isEqualTo(json("[{'name':'f'}]"));
    assertThat(row.messages().get(1).toolCalls())
        .isEqualTo(json("[{'function':{'name':'f','arguments':{'x':1}}}]"));
  }

  @Test
  void aRowWithoutAnIdIsNamedByItsContent() throws BrokenRowException {
    String line = json("{'prompt': 'a', 'completion': 'b'}");
    assertThat(RowReader.read(line).id())
        .isEqualTo(RowReader.read(line).id())
        .startsWith("row-")
        .isNotEqualTo(RowReader.read(line + " ").id());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'messages': [",
        "{'messages': 'text'}",
        "{'messages': ['text']}",
        "{'messages': []} trailing",
        "{'prompt': 'a'}",
        "{'prompt': 'a', 'prompt': 'b', 'completion': 'c'}",
        "{'prompt': 1, 'completion': 'c'}",
        "{'conversations': [{'from': 'martian', 'value': 'a'}]}",
        "[1]",
        "7"
      })
  void whatIsNoConversationIsBroken(String row) {
    assertThatThrownBy(() -> RowReader.read(json(row))).isInstanceOf(BrokenRowException.class);
  }

  @Test
  void aCutLineStillTellsItsId() {
    assertThat(RowReader.idOf(json("{'id': 'r-7', 'messages': [{'role"))).isEqualTo("r-7");
    assertThat(RowReader.idOf("no JSON at all")).startsWith("row-");
  }

  private static String json(String text) {
    return text.replace('\'', '"');
  }
}
