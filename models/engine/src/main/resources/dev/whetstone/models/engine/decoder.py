class Decoder(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def norm(self: __torch__.Decoder, x: Tensor, w: Tensor, eps: float) -> Tensor:
    return torch.rms_norm(x, [x.size(-1)], w, eps)
  def rotate(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    halves = torch.chunk(x, 2, -1)
    return torch.add(torch.mul(x, cos), torch.mul(torch.cat([torch.neg(halves[1]), halves[0]], -1), sin))
  def repeat(self: __torch__.Decoder, x: Tensor, groups: int) -> Tensor:
    if groups == 1:
      return x
    return x.unsqueeze(2).expand([x.size(0), x.size(1), groups, x.size(2), x.size(3)]).reshape([x.size(0), x.size(1) * groups, x.size(2), x.size(3)])
  def attend(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    B = q.size(0)
    T = q.size(2)
    K = k.size(1)
    G = q.size(1) // K
    if mask.numel() == 0:
      return torch.scaled_dot_product_attention(q, self.repeat(k, G), self.repeat(v, G), None, 0., True)
    grouped = q.reshape([B, K, G * T, q.size(3)])
    seen = mask.unsqueeze(2).expand([mask.size(0), 1, G, T, mask.size(3)]).reshape([mask.size(0), 1, G * T, mask.size(3)])
    o = torch.scaled_dot_product_attention(grouped, k, v, seen, 0., False)
    return o.reshape([B, K * G, T, q.size(3)])
  def feed(self: __torch__.Decoder, x: Tensor, w: List[Tensor], eps: float) -> Tensor:
    h = self.norm(x, w[5], eps)
    return torch.add(x, torch.linear(torch.mul(torch.silu(torch.linear(h, w[6], None)), torch.linear(h, w[7], None)), w[8], None))
  def adapted(self: __torch__.Decoder, x: Tensor, w: Tensor, a: Tensor, b: Tensor, scale: float) -> Tensor:
    return torch.add(torch.linear(x, w, None), torch.linear(torch.linear(x, a), b), alpha=scale)
  def documents(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, lengths: List[int]) -> Tensor:
    qs = torch.split_with_sizes(q, lengths, 2)
    ks = torch.split_with_sizes(k, lengths, 2)
    vs = torch.split_with_sizes(v, lengths, 2)
    out = annotate(List[Tensor], [])
    for i in range(len(lengths)):
      out.append(torch.scaled_dot_product_attention(qs[i], ks[i], vs[i], None, 0., True))
    return torch.cat(out, 2)
  def train_layer(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, lengths: List[int], w: List[Tensor], l: List[Tensor], heads: int, kv: int, eps: float, scale: float) -> Tensor:
    T = x.size(1)
    h = self.norm(x, w[0], eps)
    q = self.adapted(h, w[1], l[0], l[1], scale).view([1, T, heads, -1]).transpose(1, 2)
    k = self.adapted(h, w[2], l[2], l[3], scale).view([1, T, kv, -1]).transpose(1, 2)
    v = self.adapted(h, w[3], l[4], l[5], scale).view([1, T, kv, -1]).transpose(1, 2)
    q = self.rotate(q, cos, sin)
    k = self.rotate(k, cos, sin)
    o = self.documents(q, self.repeat(k, heads // kv), self.repeat(v, heads // kv), lengths)
    o = o.transpose(1, 2).reshape([1, T, -1])
    x = torch.add(x, self.adapted(o, w[4], l[6], l[7], scale))
    h = self.norm(x, w[5], eps)
    g = torch.silu(self.adapted(h, w[6], l[8], l[9], scale))
    u = self.adapted(h, w[7], l[10], l[11], scale)
    return torch.add(x, self.adapted(torch.mul(g, u), w[8], l[12], l[13], scale))
  def hidden(self: __torch__.Decoder, ids: Tensor, positions: Tensor, lengths: Tensor, at: Tensor, embedding: Tensor, final: Tensor, cosines: Tensor, sines: Tensor, W: List[Tensor], L: List[Tensor], sizes: Tensor, reals: Tensor) -> Tensor:
    layers = int(sizes[0].item())
    heads = int(sizes[1].item())
    kv = int(sizes[2].item())
    eps = float(reals[0].item())
    scale = float(reals[1].item())
    parts = annotate(List[int], [])
    for i in range(lengths.size(0)):
      parts.append(int(lengths[i].item()))
    cos = torch.embedding(cosines, positions)
    sin = torch.embedding(sines, positions)
    x = torch.embedding(embedding, ids).unsqueeze(0)
    for i in range(layers):
      x = self.train_layer(x, cos, sin, parts, W[i * 9:(i + 1) * 9], L[i * 14:(i + 1) * 14], heads, kv, eps, scale)
    return self.norm(torch.index_select(x.squeeze(0), 0, at), final, eps)
  def loss(self: __torch__.Decoder, hidden: Tensor, targets: Tensor, head: Tensor, sizes: Tensor, reals: Tensor) -> List[Tensor]:
    chunk = int(sizes[0].item())
    scale = float(reals[0].item())
    N = hidden.size(0)
    total = torch.zeros([1], dtype=7)
    gradients = annotate(List[Tensor], [])
    for j in range((N + chunk - 1) // chunk):
      h = torch.slice(hidden, 0, j * chunk, (j + 1) * chunk)
      t = torch.slice(targets, 0, j * chunk, (j + 1) * chunk).unsqueeze(1)
      logits = torch.linear(h, head, None)
      normalizer = torch.logsumexp(logits, [1], True)
      total = torch.add(total, torch.sum(torch.sub(normalizer, torch.gather(logits, 1, t)), dtype=7))
      p = torch.exp_(torch.sub_(logits, normalizer))
      p = torch.scatter_add_(p, 1, t, torch.neg(torch.ones_like(t, dtype=6)))
      gradients.append(torch.mul_(torch.matmul(p, head), scale))
    return [total, torch.cat(gradients, 0)]
  def cached_layer(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, pk: Tensor, pv: Tensor, mask: Tensor, w: List[Tensor], heads: int, kv: int, eps: float) -> Tuple[Tensor, Tensor, Tensor]:
    B = x.size(0)
    T = x.size(1)
    h = self.norm(x, w[0], eps)
    q = self.rotate(torch.linear(h, w[1], None).view([B, T, heads, -1]).transpose(1, 2), cos, sin)
    k = self.rotate(torch.linear(h, w[2], None).view([B, T, kv, -1]).transpose(1, 2), cos, sin)
    v = torch.linear(h, w[3], None).view([B, T, kv, -1]).transpose(1, 2)
    if pk.size(1) > 0:
      k = torch.cat([pk.unsqueeze(0), k], 2)
      v = torch.cat([pv.unsqueeze(0), v], 2)
    o = self.attend(q, k, v, mask).transpose(1, 2).reshape([B, T, -1])
    x = self.feed(torch.add(x, torch.linear(o, w[4], None)), w, eps)
    return (x, k, v)
  def prefix(self: __torch__.Decoder, ids: Tensor, positions: Tensor, mask: Tensor, pk: Tensor, pv: Tensor, embedding: Tensor, cosines: Tensor, sines: Tensor, W: List[Tensor], sizes: Tensor, reals: Tensor) -> List[Tensor]:
    layers = int(sizes[0].item())
    eps = float(reals[0].item())
    cos = torch.embedding(cosines, positions)
    sin = torch.embedding(sines, positions)
    x = torch.embedding(embedding, ids).unsqueeze(0)
    ks = annotate(List[Tensor], [])
    vs = annotate(List[Tensor], [])
    for i in range(layers):
      x, k, v = self.cached_layer(x, cos, sin, pk[i], pv[i], mask, W[i * 9:(i + 1) * 9], int(sizes[1].item()), int(sizes[2].item()), eps)
      ks.append(k)
      vs.append(v)
    return [torch.cat(ks, 0), torch.cat(vs, 0)]
  def score(self: __torch__.Decoder, ids: Tensor, positions: Tensor, mask: Tensor, pk: Tensor, pv: Tensor, at: Tensor, rows: Tensor, targets: Tensor, bounds: Tensor, embedding: Tensor, final: Tensor, head: Tensor, cosines: Tensor, sines: Tensor, W: List[Tensor], sizes: Tensor, reals: Tensor) -> List[Tensor]:
    layers = int(sizes[0].item())
    chunk = int(sizes[3].item())
    eps = float(reals[0].item())
    cos = torch.embedding(cosines, positions)
    sin = torch.embedding(sines, positions)
    x = torch.embedding(embedding, ids).unsqueeze(0)
    for i in range(layers):
      x, k, v = self.cached_layer(x, cos, sin, pk[i], pv[i], mask, W[i * 9:(i + 1) * 9], int(sizes[1].item()), int(sizes[2].item()), eps)
    x = self.norm(torch.index_select(x.squeeze(0), 0, at), final, eps)
    chosen = annotate(List[Tensor], [])
    greedy = annotate(List[Tensor], [])
    for j in range(bounds.size(0) - 1):
      first = int(bounds[j].item())
      last = int(bounds[j + 1].item())
      logits = torch.linear(torch.slice(x, 0, j * chunk, (j + 1) * chunk), head, None)
      row = torch.sub(torch.slice(rows, 0, first, last), j * chunk)
      target = torch.slice(targets, 0, first, last)
      log_probs = torch.log_softmax(logits, -1)
      chosen.append(torch.index(log_probs, annotate(List[Optional[Tensor]], [row, target])))
      greedy.append(torch.eq(torch.index_select(torch.argmax(logits, 1), 0, row), target))
    return [torch.cat(chosen, 0), torch.to(torch.cat(greedy, 0), 3)]
  def step(self: __torch__.Decoder, ids: Tensor, positions: Tensor, mask: Tensor, embedding: Tensor, final: Tensor, head: Tensor, cosines: Tensor, sines: Tensor, W: List[Tensor], C: List[Tensor], sizes: Tensor, reals: Tensor) -> List[Tensor]:
    layers = int(sizes[0].item())
    heads = int(sizes[1].item())
    kv = int(sizes[2].item())
    filled = int(sizes[3].item())
    eps = float(reals[0].item())
    B = ids.size(0)
    T = ids.size(1)
    cos = torch.embedding(cosines, positions).unsqueeze(1)
    sin = torch.embedding(sines, positions).unsqueeze(1)
    x = torch.embedding(embedding, ids)
    for i in range(layers):
      w = W[i * 9:(i + 1) * 9]
      h = self.norm(x, w[0], eps)
      q = self.rotate(torch.linear(h, w[1], None).view([B, T, heads, -1]).transpose(1, 2), cos, sin)
      k = self.rotate(torch.linear(h, w[2], None).view([B, T, kv, -1]).transpose(1, 2), cos, sin)
      v = torch.linear(h, w[3], None).view([B, T, kv, -1]).transpose(1, 2)
      keys = C[2 * i]
      values = C[2 * i + 1]
      a = torch.copy_(torch.slice(keys, 2, filled, filled + T), k)
      b = torch.copy_(torch.slice(values, 2, filled, filled + T), v)
      o = self.attend(q, torch.slice(keys, 2, 0, filled + T), torch.slice(values, 2, 0, filled + T), mask)
      x = self.feed(torch.add(x, torch.linear(o.transpose(1, 2).reshape([B, T, -1]), w[4], None)), w, eps)
    x = self.norm(torch.select(x, 1, -1), final, eps)
    return [torch.argmax(torch.linear(x, head, None), 1)]
  def fill(self: __torch__.Decoder, pk: Tensor, pv: Tensor, C: List[Tensor]) -> List[Tensor]:
    P = pk.size(2)
    for i in range(pk.size(0)):
      a = torch.copy_(torch.slice(C[2 * i], 2, 0, P), pk[i])
      b = torch.copy_(torch.slice(C[2 * i + 1], 2, 0, P), pv[i])
    return [pk]
  def keep(self: __torch__.Decoder, rows: Tensor, C: List[Tensor]) -> List[Tensor]:
    kept = annotate(List[Tensor], [])
    for i in range(len(C)):
      kept.append(torch.index_select(C[i], 0, rows))
    return kept
