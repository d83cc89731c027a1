package dev.whetstone.models.engine.hub.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.HubReference.Hub;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HubEndpointTest {
  @Test
  void theEnvironmentNamesEndpointAndToken() {
    assertThat(HubEndpoint.of(Hub.HUGGING_FACE, Map.of()).base())
        .isEqualTo(URI.create("https://huggingface.co"));
    assertThat(HubEndpoint.of(Hub.OPENCSG, Map.of()).base())
        .isEqualTo(URI.create("https://hub.opencsg.com/hf"));
    HubEndpoint mirror =
        HubEndpoint.of(
            Hub.HUGGING_FACE,
            Map.of("HF_ENDPOINT", "https://mirror.example.org/", "HF_TOKEN", " hf_x\n"));
    assertThat(mirror.base()).isEqualTo(URI.create("https://mirror.example.org"));
    assertThat(mirror.token()).contains("hf_x");
    assertThat(
            HubEndpoint.of(Hub.MODELSCOPE, Map.of("MODELSCOPE_ENDPOINT", "modelscope.ai")).base())
        .isEqualTo(URI.create("https://modelscope.ai"));
  }

  @Test
  void whatIsNoAddressIsRefusedByItsVariable() {
    for (String address : new String[] {"ftp://x", "https://", "https://u:p@x", "https://a b"}) {
      assertThatThrownBy(() -> HubEndpoint.of(Hub.HUGGING_FACE, Map.of("HF_ENDPOINT", address)))
          .as(address)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("HF_ENDPOINT");
    }
    assertThatThrownBy(
            () -> HubEndpoint.of(Hub.HUGGING_FACE, Map.of("HF_TOKEN", "hf_x\r\nHost: evil")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("HF_TOKEN")
        .hasMessageNotContaining("hf_x");
  }

  @Test
  void aRedirectToAnotherHostTakesNoSecretAlong() {
    HubHttp.Call call =
        new HubHttp.Call(
            "PUT",
            URI.create("https://lfs.hub.example.org/a"),
            Map.of("authorization", "Bearer x", "X-Other", "y"),
            BodyPublishers::noBody,
            0,
            true);
    HubHttp.Call same = call.to(URI.create("https://lfs.hub.example.org/b"));
    assertThat(same.trusted()).isTrue();
    assertThat(same.headers()).containsKey("authorization");
    for (String other :
        new String[] {"https://store.example.org/b", "http://lfs.hub.example.org/b"}) {
      HubHttp.Call elsewhere = call.to(URI.create(other));
      assertThat(elsewhere.trusted()).isFalse();
      assertThat(elsewhere.headers()).containsOnlyKeys("X-Other");
    }
  }

  @Test
  void onlyTheSameSchemeHostAndPortIsTheOrigin() {
    HubEndpoint hub =
        HubEndpoint.of(Hub.HUGGING_FACE, Map.of("HF_ENDPOINT", "https://hub.example.org"));
    assertThat(hub.isOrigin(URI.create("https://hub.example.org/a"))).isTrue();
    assertThat(hub.isOrigin(URI.create("https://HUB.example.org:443/a"))).isTrue();
    for (String other :
        new String[] {
          "http://hub.example.org/a",
          "https://hub.example.org:8443/a",
          "https://cdn.hub.example.org/a",
          "https://hub.example.org.evil.org/a",
          "https://hub.example.org@evil.org/a"
        }) {
      assertThat(hub.isOrigin(URI.create(other))).as(other).isFalse();
    }
  }
}
