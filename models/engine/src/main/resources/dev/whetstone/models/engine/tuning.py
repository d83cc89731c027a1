  def floats(self: __torch__.Decoder, values: Tensor) -> List[float]:
    out = annotate(List[float], [])
    for i in range(values.size(0)):
      out.append(float(values[i].item()))
    return out
  def wide(self: __torch__.Decoder, x: Tensor) -> Tensor:
    if DTYPE == 6:
      return x
    return torch.to(x, 6)
  def narrow(self: __torch__.Decoder, x: Tensor) -> Tensor:
    if DTYPE == 6:
      return x
    return torch.to(x, DTYPE)
  def masks(self: __torch__.Decoder, rows: int, l: List[Tensor], dropped: float) -> List[Tensor]:
    shared = annotate(List[int], MASKS)
    out = annotate(List[Tensor], [])
    for i in range(MODULES):
      if dropped == 0. or l[3 * i].numel() == 0:
        out.append(torch.zeros([0], dtype=6))
      elif shared[i] < i:
        out.append(out[shared[i]])
      else:
        kept = torch.bernoulli(torch.zeros([rows, l[3 * i].size(1)], dtype=6, device=l[3 * i].device), 1. - dropped)
        out.append(torch.div_(kept, 1. - dropped))
    return out
  def drop(self: __torch__.Decoder, x: Tensor, mask: Tensor) -> Tensor:
    if mask.numel() == 0:
      return x
    return torch.mul(x, mask)
  def span(self: __torch__.Decoder, w: Tensor, down: Tensor, up: Tensor, scale: float) -> Tensor:
    return torch.linalg_vector_norm(torch.add(self.wide(w), torch.matmul(up, down), alpha=scale), 2, [1])
  def part(self: __torch__.Decoder, array: Tensor, sizes: Tensor) -> List[Tensor]:
    return [torch.slice(array, 0, int(sizes[0].item()), int(sizes[1].item()))]
  def copied(self: __torch__.Decoder, w: Tensor) -> List[Tensor]:
    return [torch.to(w, 6, False, True)]
  def put(self: __torch__.Decoder, values: Tensor, array: Tensor) -> List[Tensor]:
    a = torch.copy_(array, values.view_as(array))
    return [values]
  def clear(self: __torch__.Decoder, G: List[Tensor]) -> List[Tensor]:
    for i in range(len(G)):
      a = torch.zero_(G[i])
    return [G[0]]
  def product(self: __torch__.Decoder, x: Tensor, w: Tensor) -> List[Tensor]:
    return [self.dense(x, w, None)]
  def magnitude(self: __torch__.Decoder, w: Tensor) -> List[Tensor]:
    return [torch.linalg_vector_norm(self.wide(w), 2, [1])]
  def adapt(self: __torch__.Decoder, x: Tensor, w: List[Tensor], l: List[Tensor], reals: List[float], masks: List[Tensor], matrix: int, bias: int, module: int) -> Tensor:
    b = annotate(Optional[Tensor], None)
    if w[bias].numel() > 0:
      b = w[bias]
    down = l[3 * module]
    if down.numel() == 0:
      return self.dense(x, w[matrix], b)
    up = l[3 * module + 1]
    size = l[3 * module + 2]
    scale = reals[module]
    mask = masks[module]
    dropped = self.drop(self.wide(x), mask)
    low = torch.linear(dropped, down)
    if size.numel() == 0:
      y = self.wide(self.dense(x, w[matrix], b))
      return self.narrow(torch.addmm_(y, low, torch.t(up), alpha=scale))
    g = torch.div(size, self.span(w[matrix], down, up, scale))
    y = self.wide(self.dense(x, w[matrix], None))
    if mask.numel() == 0:
      y = torch.mul_(torch.addmm_(y, low, torch.t(up), alpha=scale), g)
    else:
      z = self.wide(self.dense(self.narrow(dropped), w[matrix], None))
      y = torch.add(y, torch.add(torch.mul(z, torch.sub(g, 1)), torch.mul(torch.linear(low, up), g), alpha=scale))
    if w[bias].numel() > 0:
      y = torch.add(y, self.wide(w[bias]))
    return self.narrow(y)
  def unadapt(self: __torch__.Decoder, d: Tensor, x: Tensor, w: List[Tensor], l: List[Tensor], G: List[Tensor], reals: List[float], masks: List[Tensor], matrix: int, module: int) -> Tensor:
    if G[4 * module + 3].numel() > 0:
      a = torch.add_(G[4 * module + 3], torch.sum(self.wide(d), [0]))
    turned = torch.t(w[matrix])
    down = l[3 * module]
    if down.numel() == 0:
      return self.dense(d, turned, None)
    up = l[3 * module + 1]
    size = l[3 * module + 2]
    scale = reals[module]
    mask = masks[module]
    dropped = self.drop(self.wide(x), mask)
    low = torch.linear(dropped, down)
    wide = self.wide(d)
    out = wide
    g = size
    if size.numel() > 0:
      span = self.span(w[matrix], down, up, scale)
      g = torch.div(size, span)
      z = torch.addmm_(self.wide(self.dense(self.narrow(dropped), w[matrix], None)), low, torch.t(up), alpha=scale)
      a = torch.add_(G[4 * module + 2], torch.div(torch.sum(torch.mul(wide, z), [0]), span))
      out = torch.mul(wide, g)
    inner = torch.mul_(torch.matmul(out, up), scale)
    a = torch.addmm_(G[4 * module + 1], torch.t(out), low, alpha=scale)
    a = torch.addmm_(G[4 * module], torch.t(inner), dropped)
    if mask.numel() == 0:
      dx = self.wide(self.dense(self.narrow(out), turned, None))
      return self.narrow(torch.addmm_(dx, inner, down))
    dx = self.wide(self.dense(d, turned, None))
    dd = torch.matmul(inner, down)
    if size.numel() > 0:
      dd = torch.add_(dd, self.wide(self.dense(self.narrow(torch.sub(out, wide)), turned, None)))
    return self.narrow(torch.add_(dx, torch.mul_(dd, mask)))
  def unnorm(self: __torch__.Decoder, d: Tensor, x: Tensor, w: Tensor) -> Tensor:
    wide = self.wide(x)
    r = torch.rsqrt(torch.add(torch.mean(torch.square(wide), [-1], True), EPSILON))
    t = torch.mul(self.wide(d), w)
    s = torch.mul(torch.mean(torch.mul(t, wide), [-1], True), torch.pow(r, 3))
    return self.narrow(torch.sub_(torch.mul_(t, r), torch.mul(wide, s)))
  def unactivate(self: __torch__.Decoder, d: Tensor, x: Tensor) -> Tensor:
    if ACTIVATION == SILU:
      return torch.silu_backward(d, x)
    if ACTIVATION == GELU_TANH:
      return torch.gelu_backward(d, x, approximate="tanh")
    return torch.gelu_backward(d, x)
  def heads(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:
    q = q.view([-1, HEADS, HEAD_SIZE])
    k = k.view([-1, KEY_HEADS, HEAD_SIZE])
    v = v.view([-1, KEY_HEADS, HEAD_SIZE])
    if w[QUERY_NORM].numel() > 0:
      q = self.norm(q, w[QUERY_NORM])
      k = self.norm(k, w[KEY_NORM])
    return (self.rotate(q.transpose(0, 1), cos, sin), self.repeat(self.rotate(k.transpose(0, 1), cos, sin)), self.repeat(v.transpose(0, 1)))
  def unrepeat(self: __torch__.Decoder, d: Tensor) -> Tensor:
    if HEADS == KEY_HEADS:
      return d
    return torch.sum(d.reshape([KEY_HEADS, HEADS // KEY_HEADS, d.size(1), d.size(2)]), [1])
  def unheads(self: __torch__.Decoder, dq: Tensor, dk: Tensor, dv: Tensor, q: Tensor, k: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:
    back = torch.neg(sin)
    T = q.size(0)
    dq = self.rotate(dq, cos, back).transpose(0, 1)
    dk = self.rotate(self.unrepeat(dk), cos, back).transpose(0, 1)
    dv = self.unrepeat(dv).transpose(0, 1)
    if w[QUERY_NORM].numel() > 0:
      dq = self.unnorm(dq, q.view([-1, HEADS, HEAD_SIZE]), w[QUERY_NORM])
      dk = self.unnorm(dk, k.view([-1, KEY_HEADS, HEAD_SIZE]), w[KEY_NORM])
    return (dq.reshape([T, -1]), dk.reshape([T, -1]), dv.reshape([T, -1]))
  def sight(self: __torch__.Decoder, q: Tensor, length: int, windowed: bool) -> Tensor:
    mask = torch.zeros([0])
    if windowed and length > WINDOW:
      places = torch.arange(length)
      mask = self.near(self.causal(length), places, places)
    elif FLASH == 0:
      mask = self.causal(length)
    return torch.to(mask, q)
  def starts(self: __torch__.Decoder, q: Tensor, lengths: List[int]) -> Tensor:
    out = annotate(List[int], [0])
    for i in range(len(lengths)):
      out.append(out[i] + lengths[i])
    return torch.tensor(out, dtype=3, device=q.device)
  def reach(self: __torch__.Decoder, windowed: bool) -> int:
    if windowed:
      return WINDOW - 1
    return -1
  def scored(self: __torch__.Decoder, q: Tensor, k: Tensor, mask: Tensor) -> Tuple[Tensor, Tensor]:
    bent = torch.mul(torch.matmul(q, k.transpose(-2, -1)), SCORE_SCALE)
    scores = bent
    if SCORE_CAP != 0.:
      bent = torch.tanh(torch.div(bent, SCORE_CAP))
      scores = torch.mul(bent, SCORE_CAP)
    return (torch.to(torch.softmax(torch.add(scores, mask), -1, dtype=6), DTYPE), bent)
  def focus(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, lengths: List[int], windowed: bool) -> Tuple[Tensor, Tensor]:
    if FLASH == 2:
      at = self.starts(q, lengths)
      most = max(lengths)
      o, l, a, b, c = torch._flash_attention_forward(q.transpose(0, 1), k.transpose(0, 1), v.transpose(0, 1), at, at, most, most, 0., True, False, scale=SCORE_SCALE, window_size_left=self.reach(windowed), window_size_right=0)
      return (o.reshape([q.size(1), -1]), l)
    qs = torch.split_with_sizes(q, lengths, 1)
    ks = torch.split_with_sizes(k, lengths, 1)
    vs = torch.split_with_sizes(v, lengths, 1)
    out = annotate(List[Tensor], [])
    sums = annotate(List[Tensor], [])
    for i in range(len(lengths)):
      mask = self.sight(q, lengths[i], windowed)
      if FLASH == 1:
        o, l = self.flash(qs[i].unsqueeze(0), ks[i].unsqueeze(0), vs[i].unsqueeze(0), mask)
        out.append(o.squeeze(0))
        sums.append(l.squeeze(0))
      else:
        p, bent = self.scored(qs[i], ks[i], mask)
        out.append(torch.matmul(p, vs[i]))
        sums.append(torch.zeros([HEADS, 0], dtype=6, device=q.device))
    return (torch.cat(out, 1).transpose(0, 1).reshape([q.size(1), -1]), torch.cat(sums, 1))
  def unfocus(self: __torch__.Decoder, d: Tensor, q: Tensor, k: Tensor, v: Tensor, o: Tensor, sums: Tensor, lengths: List[int], windowed: bool) -> Tuple[Tensor, Tensor, Tensor]:
    d = d.view([d.size(0), HEADS, HEAD_SIZE])
    o = o.view([o.size(0), HEADS, HEAD_SIZE])
    if FLASH == 2:
      at = self.starts(q, lengths)
      most = max(lengths)
      none = torch.zeros([2], dtype=4, device=q.device)
      dq, dk, dv = torch._flash_attention_backward(d, q.transpose(0, 1), k.transpose(0, 1), v.transpose(0, 1), o, sums, at, at, most, most, 0., True, none, none, scale=SCORE_SCALE, window_size_left=self.reach(windowed), window_size_right=0)
      return (dq.transpose(0, 1), dk.transpose(0, 1), dv.transpose(0, 1))
    d = d.transpose(0, 1)
    o = o.transpose(0, 1)
    dqs = annotate(List[Tensor], [])
    dks = annotate(List[Tensor], [])
    dvs = annotate(List[Tensor], [])
    start = 0
    for i in range(len(lengths)):
      end = start + lengths[i]
      mask = self.sight(q, lengths[i], windowed)
      di = torch.slice(d, 1, start, end).unsqueeze(0)
      qi = torch.slice(q, 1, start, end).unsqueeze(0)
      ki = torch.slice(k, 1, start, end).unsqueeze(0)
      vi = torch.slice(v, 1, start, end).unsqueeze(0)
      if FLASH == 1:
        oi = torch.slice(o, 1, start, end).unsqueeze(0)
        li = torch.slice(sums, 1, start, end).unsqueeze(0)
        if mask.numel() == 0:
          dq, dk, dv = torch._scaled_dot_product_flash_attention_for_cpu_backward(di, qi, ki, vi, oi, li, 0., True, attn_mask=None, scale=SCORE_SCALE)
        else:
          dq, dk, dv = torch._scaled_dot_product_flash_attention_for_cpu_backward(di, qi, ki, vi, oi, li, 0., False, attn_mask=mask, scale=SCORE_SCALE)
      else:
        p, bent = self.scored(qi, ki, mask)
        dv = torch.matmul(p.transpose(-2, -1), di)
        dp = torch.matmul(di, vi.transpose(-2, -1))
        ds = torch.mul(torch.mul(p, torch.sub(dp, torch.sum(torch.mul(dp, p), [-1], True))), SCORE_SCALE)
        if SCORE_CAP != 0.:
          ds = torch.mul(ds, torch.rsub(torch.square(bent), 1))
        dq = torch.matmul(ds, ki)
        dk = torch.matmul(ds.transpose(-2, -1), qi)
      dqs.append(dq.squeeze(0))
      dks.append(dk.squeeze(0))
      dvs.append(dv.squeeze(0))
      start = end
    return (torch.cat(dqs, 1), torch.cat(dks, 1), torch.cat(dvs, 1))
  def unmix(self: __torch__.Decoder, d: Tensor, x: Tensor, w: List[Tensor]) -> Tensor:
    p = torch.softmax(self.dense(x, w[ROUTER], None), -1, dtype=6)
    top, chosen = torch.topk(p, EXPERTS_PER_TOKEN, -1)
    whole = torch.sum(top, [-1], True)
    shares = top
    if NORMALISED:
      shares = torch.div(top, whole)
    flat = torch.to(shares, DTYPE).flatten()
    picked = chosen.flatten()
    order = torch.argsort(picked)
    counts = torch.bincount(picked, minlength=EXPERTS)
    dx = torch.zeros_like(x)
    dflat = torch.zeros_like(flat, dtype=6)
    start = 0
    for e in range(EXPERTS):
      n = int(counts[e].item())
      if n > 0:
        places = torch.slice(order, 0, start, start + n)
        tokens = torch.floor_divide(places, EXPERTS_PER_TOKEN)
        xe = torch.index_select(x, 0, tokens)
        de = torch.index_select(d, 0, tokens)
        g = self.dense(xe, w[EXPERT_GATE][e], None)
        u = self.dense(xe, w[EXPERT_UP][e], None)
        act = self.activate(g)
        y = self.dense(torch.mul(act, u), w[EXPERT_DOWN][e], None)
        a = torch.index_copy_(dflat, 0, places, torch.sum(torch.mul(self.wide(de), self.wide(y)), [-1]))
        dp = self.dense(torch.mul(de, torch.index_select(flat, 0, places).unsqueeze(1)), torch.t(w[EXPERT_DOWN][e]), None)
        dg = self.unactivate(torch.mul(dp, u), g)
        de = torch.add(self.dense(dg, torch.t(w[EXPERT_GATE][e]), None), self.dense(torch.mul(dp, act), torch.t(w[EXPERT_UP][e]), None))
        a = torch.index_add_(dx, 0, tokens, de)
        start = start + n
    dtop = dflat.view([-1, EXPERTS_PER_TOKEN])
    if NORMALISED:
      dtop = torch.div(torch.sub(dtop, torch.sum(torch.mul(dtop, shares), [-1], True)), whole)
    dp = torch.scatter_(torch.zeros_like(p), 1, chosen, dtop)
    dl = torch.mul(p, torch.sub(dp, torch.sum(torch.mul(dp, p), [-1], True)))
    return torch.add_(dx, self.dense(self.narrow(dl), torch.t(w[ROUTER]), None))
  def nourish(self: __torch__.Decoder, x: Tensor, w: List[Tensor], l: List[Tensor], reals: List[float], masks: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:
    none = torch.zeros([0], dtype=6)
    if w[ROUTER].numel() == 0:
      g = self.adapt(x, w, l, reals, masks, GATE, GATE_BIAS, 4)
      u = self.adapt(x, w, l, reals, masks, UP, UP_BIAS, 5)
      return (self.adapt(torch.mul(self.activate(g), u), w, l, reals, masks, DOWN, DOWN_BIAS, 6), g, u)
    y = self.experts(x, w)
    if w[SHARED_SWITCH].numel() == 0:
      return (y, none, none)
    g = self.adapt(x, w, l, reals, masks, SHARED_GATE, SLOTS - 1, 7)
    u = self.adapt(x, w, l, reals, masks, SHARED_UP, SLOTS - 1, 8)
    shared = self.adapt(torch.mul(self.activate(g), u), w, l, reals, masks, SHARED_DOWN, SLOTS - 1, 9)
    return (torch.add(y, torch.mul(torch.sigmoid(self.dense(x, w[SHARED_SWITCH], None)), shared)), g, u)
  def gates(self: __torch__.Decoder, d: Tensor, x: Tensor, g: Tensor, u: Tensor, act: Tensor, w: List[Tensor], l: List[Tensor], G: List[Tensor], reals: List[float], masks: List[Tensor], gate: int, up: int, module: int) -> Tensor:
    dx = self.unadapt(self.unactivate(torch.mul(d, u), g), x, w, l, G, reals, masks, gate, module)
    return torch.add_(dx, self.unadapt(torch.mul_(d, act), x, w, l, G, reals, masks, up, module + 1))
  def unnourish(self: __torch__.Decoder, d: Tensor, x: Tensor, g: Tensor, u: Tensor, w: List[Tensor], l: List[Tensor], G: List[Tensor], reals: List[float], masks: List[Tensor]) -> Tensor:
    if w[ROUTER].numel() == 0:
      act = self.activate(g)
      inner = self.unadapt(d, torch.mul(act, u), w, l, G, reals, masks, DOWN, 6)
      return self.gates(inner, x, g, u, act, w, l, G, reals, masks, GATE, UP, 4)
    dx = self.unmix(d, x, w)
    if w[SHARED_SWITCH].numel() == 0:
      return dx
    act = self.activate(g)
    hidden = torch.mul(act, u)
    switch = torch.sigmoid(self.dense(x, w[SHARED_SWITCH], None))
    shared = self.adapt(hidden, w, l, reals, masks, SHARED_DOWN, SLOTS - 1, 9)
    ds = torch.mul(torch.sum(torch.mul(d, shared), [-1], True), torch.mul(switch, torch.rsub(switch, 1)))
    dx = torch.add_(dx, self.dense(ds, torch.t(w[SHARED_SWITCH]), None))
    inner = self.unadapt(torch.mul(d, switch), hidden, w, l, G, reals, masks, SHARED_DOWN, 9)
    return torch.add_(dx, self.gates(inner, x, g, u, act, w, l, G, reals, masks, SHARED_GATE, SHARED_UP, 7))
  def begin(self: __torch__.Decoder, ids: Tensor, noise: Tensor, positions: Tensor, frequencies: Tensor, embedding: Tensor) -> List[Tensor]:
    x = self.narrow(self.embed(ids, embedding))
    if noise.numel() > 0:
      x = torch.add(x, self.narrow(noise))
    cos, sin = self.turn(positions, frequencies)
    return [x, cos, sin]
  def unbegin(self: __torch__.Decoder, d: Tensor, ids: Tensor, gradient: Tensor) -> List[Tensor]:
    a = torch.index_add_(gradient, 0, ids, self.wide(d), alpha=EMBEDDING_SCALE)
    return [ids]
  def block(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, lengths: Tensor, sizes: Tensor, numbers: Tensor, W: List[Tensor], L: List[Tensor]) -> List[Tensor]:
    windowed = int(sizes[0].item()) == 1
    reals = self.floats(numbers)
    masks = self.masks(x.size(0), L, reals[MODULES])
    h = self.norm(x, W[INPUT_NORM])
    q = self.adapt(h, W, L, reals, masks, QUERY, QUERY_BIAS, 0)
    k = self.adapt(h, W, L, reals, masks, KEY, KEY_BIAS, 1)
    v = self.adapt(h, W, L, reals, masks, VALUE, VALUE_BIAS, 2)
    qs, ks, vs = self.heads(q, k, v, cos, sin, W)
    o, sums = self.focus(qs, ks, vs, self.ints(lengths), windowed)
    none = torch.zeros([0], dtype=6)
    a = self.adapt(o, W, L, reals, masks, OUTPUT, OUTPUT_BIAS, 3)
    y = a
    if W[ATTENTION_NORM].numel() > 0:
      y = self.norm(a, W[ATTENTION_NORM])
    else:
      a = none
    x = torch.add(x, y)
    f, g, u = self.nourish(self.norm(x, W[FEED_NORM]), W, L, reals, masks)
    y = f
    if W[OUT_NORM].numel() > 0:
      y = self.norm(f, W[OUT_NORM])
    else:
      f = none
    return [torch.add(x, y), q, k, v, o, sums, a, x, f, g, u]
  def unblock(self: __torch__.Decoder, d: Tensor, x: Tensor, cos: Tensor, sin: Tensor, lengths: Tensor, sizes: Tensor, numbers: Tensor, K: List[Tensor], W: List[Tensor], L: List[Tensor], G: List[Tensor]) -> List[Tensor]:
    windowed = int(sizes[0].item()) == 1
    reals = self.floats(numbers)
    parts = self.ints(lengths)
    masks = self.masks(x.size(0), L, reals[MODULES])
    middle = K[6]
    df = d
    if W[OUT_NORM].numel() > 0:
      df = self.unnorm(d, K[7], W[OUT_NORM])
    dh = self.unnourish(df, self.norm(middle, W[FEED_NORM]), K[8], K[9], W, L, G, reals, masks)
    d = torch.add(d, self.unnorm(dh, middle, W[FEED_NORM]))
    da = d
    if W[ATTENTION_NORM].numel() > 0:
      da = self.unnorm(d, K[5], W[ATTENTION_NORM])
    do = self.unadapt(da, K[3], W, L, G, reals, masks, OUTPUT, 3)
    qs, ks, vs = self.heads(K[0], K[1], K[2], cos, sin, W)
    dq, dk, dv = self.unfocus(do, qs, ks, vs, K[3], K[4], parts, windowed)
    dq, dk, dv = self.unheads(dq, dk, dv, K[0], K[1], cos, sin, W)
    h = self.norm(x, W[INPUT_NORM])
    dh = self.unadapt(dq, h, W, L, G, reals, masks, QUERY, 0)
    dh = torch.add_(dh, self.unadapt(dk, h, W, L, G, reals, masks, KEY, 1))
    dh = torch.add_(dh, self.unadapt(dv, h, W, L, G, reals, masks, VALUE, 2))
    return [torch.add_(d, self.unnorm(dh, x, W[INPUT_NORM]))]
  def end(self: __torch__.Decoder, x: Tensor, at: Tensor, final: Tensor) -> List[Tensor]:
    return [self.norm(torch.index_select(x, 0, at), final)]
  def unend(self: __torch__.Decoder, d: Tensor, x: Tensor, at: Tensor, final: Tensor) -> List[Tensor]:
    return [torch.index_add_(torch.zeros_like(x), 0, at, self.unnorm(d, torch.index_select(x, 0, at), final))]
  def nats(self: __torch__.Decoder, hidden: Tensor, targets: Tensor, head: Tensor, sizes: Tensor) -> List[Tensor]:
    head = self.narrow(head)
    chunk = int(sizes[0].item())
    out = annotate(List[Tensor], [])
    for j in range((hidden.size(0) + chunk - 1) // chunk):
      t = torch.slice(targets, 0, j * chunk, (j + 1) * chunk).unsqueeze(1)
      logits = self.wide(self.cap(self.dense(torch.slice(hidden, 0, j * chunk, (j + 1) * chunk), head, None)))
      out.append(torch.sub(torch.logsumexp(logits, [1]), torch.gather(logits, 1, t).squeeze(1)))
    return [torch.cat(out, 0)]
  def unnats(self: __torch__.Decoder, hidden: Tensor, targets: Tensor, weights: Tensor, head: Tensor, sizes: Tensor, G: List[Tensor]) -> List[Tensor]:
    head = self.narrow(head)
    chunk = int(sizes[0].item())
    out = annotate(List[Tensor], [])
    gradients = annotate(List[Tensor], [])
    for j in range((hidden.size(0) + chunk - 1) // chunk):
      h = torch.slice(hidden, 0, j * chunk, (j + 1) * chunk)
      t = torch.slice(targets, 0, j * chunk, (j + 1) * chunk).unsqueeze(1)
      logits = self.wide(self.cap(self.dense(h, head, None)))
      normalizer = torch.logsumexp(logits, [1], True)
      out.append(torch.sub(normalizer, torch.gather(logits, 1, t)).squeeze(1))
      if LOGIT_CAP == 0.:
        p = torch.exp_(torch.sub_(logits, normalizer))
        p = torch.scatter_add_(p, 1, t, torch.neg(torch.ones_like(t, dtype=6)))
      else:
        p = torch.exp(torch.sub(logits, normalizer))
        p = torch.scatter_add_(p, 1, t, torch.neg(torch.ones_like(t, dtype=6)))
        p = torch.mul(p, torch.rsub(torch.square(torch.div(logits, LOGIT_CAP)), 1))
      p = self.narrow(torch.mul_(p, torch.slice(weights, 0, j * chunk, (j + 1) * chunk).unsqueeze(1)))
      if G[0].numel() > 0:
        a = torch.addmm_(G[0], torch.t(self.wide(p)), self.wide(h))
      gradients.append(self.dense(p, torch.t(head), None))
    return [torch.cat(out, 0), torch.cat(gradients, 0)]
