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
  def feed(self: __torch__.Decoder, x: Tensor, w: List[Tensor], eps: float) -> Tensor:
    h = self.norm(x, w[5], eps)
    return torch.add(x, torch.linear(torch.mul(torch.silu(torch.linear(h, w[6], None)), torch.linear(h, w[7], None)), w[8], None))
  def linear(self: __torch__.Decoder, x: Tensor, w: Tensor, bias: Tensor) -> Tensor:
    if bias.numel() == 0:
      return torch.linear(x, w, None)
    return torch.linear(x, w, bias)
  def headed(self: __torch__.Decoder, x: Tensor, w: Tensor, eps: float) -> Tensor:
    if w.numel() == 0:
      return x
    return self.norm(x, w, eps)
  def adapted(self: __torch__.Decoder, x: Tensor, w: Tensor, bias: Tensor, a: Tensor, b: Tensor, scale: float) -> Tensor:
    return torch.add(self.linear(x, w, bias), torch.linear(torch.linear(x, a), b), alpha=scale)
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
    none = torch.zeros([0])
    h = self.norm(x, w[0], eps)
    q = self.adapted(h, w[1], w[9], l[0], l[1], scale).view([1, T, heads, -1]).transpose(1, 2)
    k = self.adapted(h, w[2], w[10], l[2], l[3], scale).view([1, T, kv, -1]).transpose(1, 2)
    v = self.adapted(h, w[3], w[11], l[4], l[5], scale).view([1, T, kv, -1]).transpose(1, 2)
    q = self.rotate(self.headed(q, w[12], eps), cos, sin)
    k = self.rotate(self.headed(k, w[13], eps), cos, sin)
    o = self.documents(q, self.repeat(k, heads // kv), self.repeat(v, heads // kv), lengths)
    o = o.transpose(1, 2).reshape([1, T, -1])
    x = torch.add(x, self.adapted(o, w[4], none, l[6], l[7], scale))
    h = self.norm(x, w[5], eps)
    g = torch.silu(self.adapted(h, w[6], none, l[8], l[9], scale))
    u = self.adapted(h, w[7], none, l[10], l[11], scale)
    return torch.add(x, self.adapted(torch.mul(g, u), w[8], none, l[12], l[13], scale))
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
      x = self.train_layer(x, cos, sin, parts, W[i * 14:(i + 1) * 14], L[i * 14:(i + 1) * 14], heads, kv, eps, scale)
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
  def project(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], heads: int, kv: int, eps: float) -> Tuple[Tensor, Tensor, Tensor]:
    T = x.size(0)
    h = self.norm(x, w[0], eps)
    q = self.rotate(self.headed(self.linear(h, w[1], w[9]).view([T, heads, -1]), w[12], eps).transpose(0, 1), cos, sin)
    k = self.rotate(self.headed(self.linear(h, w[2], w[10]).view([T, kv, -1]), w[13], eps).transpose(0, 1), cos, sin)
    v = self.linear(h, w[3], w[11]).view([T, kv, -1]).transpose(0, 1)
    return (q, k, v)
  def tree(self: __torch__.Decoder, ids: Tensor, positions: Tensor, mask: Tensor, pk: Tensor, pv: Tensor, at: Tensor, rows: Tensor, targets: Tensor, wanted: Tensor, embedding: Tensor, final: Tensor, head: Tensor, cosines: Tensor, sines: Tensor, W: List[Tensor], sizes: Tensor, reals: Tensor) -> List[Tensor]:
    layers = int(sizes[0].item())
    heads = int(sizes[1].item())
    kv = int(sizes[2].item())
    chunk = int(sizes[3].item())
    keep = int(sizes[4].item())
    eps = float(reals[0].item())
    cos = torch.embedding(cosines, positions)
    sin = torch.embedding(sines, positions)
    x = torch.embedding(embedding, ids)
    T = x.size(0)
    P = pk.size(2)
    seen = mask
    if P > 0:
      seen = torch.cat([torch.zeros([T, P], dtype=6), mask], 1)
    ks = annotate(List[Tensor], [])
    vs = annotate(List[Tensor], [])
    for i in range(layers):
      w = W[i * 14:(i + 1) * 14]
      q, k, v = self.project(x, cos, sin, w, heads, kv, eps)
      if P > 0:
        k = torch.cat([pk[i], k], 1)
        v = torch.cat([pv[i], v], 1)
      if keep > 0:
        ks.append(torch.slice(k, 1, (2 - keep) * P))
        vs.append(torch.slice(v, 1, (2 - keep) * P))
      q = q.unsqueeze(0)
      k = self.repeat(k.unsqueeze(0), heads // kv)
      v = self.repeat(v.unsqueeze(0), heads // kv)
      if mask.numel() == 0:
        o = torch.scaled_dot_product_attention(q, k, v, None, 0., True)
      else:
        o = torch.scaled_dot_product_attention(q, k, v, seen, 0., False)
      o = o.squeeze(0).transpose(0, 1).reshape([T, -1])
      x = self.feed(torch.add(x, torch.linear(o, w[4], None)), w, eps)
    x = self.norm(torch.index_select(x, 0, at), final, eps)
    N = x.size(0)
    chosen = annotate(List[Tensor], [torch.zeros([0], dtype=6)])
    best = annotate(List[Tensor], [torch.zeros([0], dtype=4)])
    for j in range((N + chunk - 1) // chunk):
      logits = torch.linear(torch.slice(x, 0, j * chunk, (j + 1) * chunk), head, None)
      best.append(torch.argmax(logits, 1))
      mine = torch.logical_and(torch.ge(rows, j * chunk), torch.lt(rows, (j + 1) * chunk))
      row = torch.sub(torch.masked_select(rows, mine), j * chunk)
      normalizer = torch.index_select(torch.logsumexp(logits, [1]), 0, row)
      chosen.append(torch.sub(torch.index(logits, annotate(List[Optional[Tensor]], [row, torch.masked_select(targets, mine)])), normalizer))
    asked = torch.linear(torch.index_select(x, 0, wanted), head, None)
    if keep == 0:
      return [torch.cat(chosen, 0), torch.cat(best, 0), asked]
    return [torch.cat(chosen, 0), torch.cat(best, 0), asked, torch.stack(ks, 0), torch.stack(vs, 0)]
  def place(self: __torch__.Decoder, columns: Tensor, kept: Tensor, cache: Tensor, sizes: Tensor) -> List[Tensor]:
    own = torch.index_select(kept, 2, columns)
    a = torch.copy_(torch.slice(torch.select(cache, 1, int(sizes[0].item())), 2, 0, columns.size(0)), own)
    return [columns]
  def step(self: __torch__.Decoder, ids: Tensor, positions: Tensor, mask: Tensor, pk: Tensor, pv: Tensor, ck: Tensor, cv: Tensor, wanted: Tensor, embedding: Tensor, final: Tensor, head: Tensor, cosines: Tensor, sines: Tensor, W: List[Tensor], sizes: Tensor, reals: Tensor) -> List[Tensor]:
    layers = int(sizes[0].item())
    heads = int(sizes[1].item())
    kv = int(sizes[2].item())
    filled = int(sizes[3].item())
    eps = float(reals[0].item())
    G = heads // kv
    B = ids.size(0)
    P = pk.size(2)
    cos = torch.embedding(cosines, positions)
    sin = torch.embedding(sines, positions)
    x = torch.embedding(embedding, ids)
    seen = mask
    if P > 0:
      seen = torch.cat([torch.zeros([B, 1, 1, P], dtype=6), mask], 3)
    for i in range(layers):
      w = W[i * 14:(i + 1) * 14]
      q, nk, nv = self.project(x, cos, sin, w, heads, kv, eps)
      d = q.size(2)
      k = torch.slice(ck[i], 2, 0, filled + 1)
      v = torch.slice(cv[i], 2, 0, filled + 1)
      a = torch.copy_(torch.select(k, 2, filled), nk.transpose(0, 1))
      b = torch.copy_(torch.select(v, 2, filled), nv.transpose(0, 1))
      if P > 0:
        k = torch.cat([pk[i].unsqueeze(0).expand([B, kv, P, d]), k], 2)
        v = torch.cat([pv[i].unsqueeze(0).expand([B, kv, P, d]), v], 2)
      grouped = q.view([kv, G, B, d]).permute([2, 0, 1, 3])
      o = torch.scaled_dot_product_attention(grouped, k, v, seen, 0., False)
      x = self.feed(torch.add(x, torch.linear(o.reshape([B, -1]), w[4], None)), w, eps)
    logits = torch.linear(self.norm(x, final, eps), head, None)
    return [torch.argmax(logits, 1), torch.index_select(logits, 0, wanted)]
  def keep(self: __torch__.Decoder, rows: Tensor, cache: Tensor, sizes: Tensor) -> List[Tensor]:
    kept = torch.index_select(cache, 1, rows)
    more = int(sizes[0].item())
    if more == 0:
      return [kept]
    return [torch.cat([kept, torch.zeros([kept.size(0), kept.size(1), kept.size(2), more, kept.size(4)], dtype=6)], 3)]
