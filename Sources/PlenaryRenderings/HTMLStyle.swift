/// How a page looks. It stands in the page itself, which asks for nothing from anywhere.
enum HTMLStyle {
  /// Colours by name, on light and on dark paper.
  static let colours: [(name: String, light: String, dark: String)] = [
    ("paper", "#ffffff", "#10171e"), ("ground", "#eef3f7", "#0a0f14"), ("ink", "#1b242c", "#e6edf3"),
    ("muted", "#4d5b67", "#a9b8c5"), ("rule", "#c9d5de", "#33424f"), ("accent", "#00527f", "#7cc4f0"),
    ("band", "#00426b", "#0b2c42"), ("bandink", "#ffffff", "#eef6fc"), ("bandmuted", "#cfe4f2", "#b9d3e5"),
    ("tint", "#f3f8fb", "#17222c"), ("warn", "#7a4100", "#ffc98a"), ("warntint", "#fff6e8", "#2a2013"),
    ("mark", "#0077b8", "#4aa8df"),
  ]

  /// What is written on what, by the names of colours; each pair can be told apart (WCAG 2.2, 1.4.3).
  static let pairs: [(ink: String, paper: String)] = [
    ("ink", "paper"), ("muted", "paper"), ("accent", "paper"), ("ink", "tint"), ("muted", "tint"), ("accent", "tint"),
    ("bandink", "band"), ("bandmuted", "band"), ("warn", "warntint"), ("ink", "ground"), ("muted", "ground"),
    ("accent", "ground"),
  ]

  /// The colours of the labels on black, as TLP 2.0 has them.
  static let labels: [(label: String, colour: String)] = [
    ("TLP:RED", "#FF2B2B"), ("TLP:AMBER+STRICT", "#FFC000"), ("TLP:AMBER", "#FFC000"), ("TLP:GREEN", "#33FF00"),
    ("TLP:CLEAR", "#FFFFFF"),
  ]

  /// The colour of a label.
  static func colour(of label: String) -> String { labels.first { $0.label == label }?.colour ?? "#FFFFFF" }

  /// The whole style.
  ///
  /// - Parameter head: What stands in head and foot of each printed page.
  static func text(head: String) -> String {
    let light = colours.map { "--\($0.name):\($0.light)" }.joined(separator: ";")
    let dark = colours.map { "--\($0.name):\($0.dark)" }.joined(separator: ";")
    // Only labels come here, but nothing but what they consist of could leave the quotes.
    let shown = String(
      head.unicodeScalars.filter {
        $0.properties.isASCIIHexDigit || $0.properties.isAlphabetic || ":+ ".unicodeScalars.contains($0)
      }.map(Character.init))
    return """
      :root{color-scheme:light dark;\(light)}
      @media (prefers-color-scheme:dark){:root{\(dark)}}
      @media print{:root{color-scheme:light;\(light)}}
      \(screen)
      @media print{\(print)}
      @page{size:A4;margin:22mm 20mm;@top-center{content:"\(shown)";font:bold 9pt sans-serif}\
      @bottom-center{content:"\(shown)";font:bold 9pt sans-serif}\
      @bottom-right{content:counter(page);font:9pt sans-serif}}
      """
  }

  private static let screen = """
    *{box-sizing:border-box}
    html{font-size:100%;scroll-behavior:smooth;-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--ground);color:var(--ink);\
    font-family:"Noto Sans","Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans Arabic",sans-serif;\
    font-size:1rem;line-height:1.6;overflow-wrap:break-word}
    :lang(ar){line-height:1.85}
    h1:lang(ar),h2:lang(ar),h3:lang(ar){line-height:1.5}
    h1,h2,h3,h4,h5,h6{font-family:Georgia,"Noto Serif","Times New Roman","Noto Naskh Arabic",serif;line-height:1.25;\
    font-weight:600;text-wrap:balance}
    a{color:var(--accent);text-underline-offset:.15em}
    a:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
    .skip{position:absolute;inset-inline-start:-100vw;background:var(--paper);padding:.6rem 1rem;z-index:2}
    .skip:focus{inset-inline-start:1rem;top:1rem}
    .tlp{display:inline-block;background:#000;padding:.15rem .6rem;font:700 .85rem/1.5 ui-monospace,Consolas,monospace;\
    letter-spacing:.03em;direction:ltr;unicode-bidi:isolate;border-radius:2px}
    .masthead{background:var(--band);color:var(--bandink);border-bottom:.4rem solid #009edb}
    .inner{max-width:72rem;margin:0 auto;padding:1.2rem clamp(1rem,4vw,3rem)}
    .bar{display:flex;justify-content:space-between;gap:1rem;align-items:center;flex-wrap:wrap;\
    border-bottom:1px solid rgba(255,255,255,.3);padding-bottom:.9rem}
    .bar .kind{text-transform:uppercase;letter-spacing:.09em;font-size:.82rem;color:var(--bandmuted)}
    :lang(ar) .kind{letter-spacing:0}
    .masthead h1{font-size:clamp(1.75rem,4.4vw,2.9rem);margin:2.2rem 0 .6rem;max-width:26em}
    .masthead .series{margin:0 0 2.2rem;font-size:1.1rem;color:var(--bandmuted)}
    .page{max-width:72rem;margin:0 auto;display:grid;grid-template-columns:minmax(0,1fr);gap:0}
    nav{padding:1.4rem clamp(1rem,4vw,3rem) 0}
    nav h2{font-family:inherit;font-size:.82rem;font-weight:700;line-height:1.4;text-transform:uppercase;letter-spacing:.09em;\
    color:var(--muted);margin:0 0 .5rem}
    nav ol{list-style:none;margin:0;padding:0}
    nav li{border-top:1px solid var(--rule)}
    nav a{display:block;padding:.45rem 0;text-decoration:none;line-height:1.35}
    nav a:hover{text-decoration:underline}
    nav .number{display:block;font-size:.8rem;color:var(--muted)}
    main{background:var(--paper);padding:.5rem clamp(1rem,4vw,3rem) 2.5rem;margin-top:1.4rem}
    main section>h2{font-size:1.7rem;margin:2.6rem 0 1rem;padding-bottom:.5rem;border-bottom:2px solid var(--accent)}
    main section>h2 .number{display:block;font:700 .85rem/1.6 "Noto Sans","Segoe UI",Arial,sans-serif;\
    text-transform:uppercase;letter-spacing:.08em;color:var(--accent)}
    main section:lang(ar)>h2 .number{letter-spacing:0}
    main h3{font-size:1.28rem;margin:2rem 0 .7rem}
    main h3 .number{color:var(--accent);margin-inline-end:.5em}
    main h4{font-size:1.06rem;margin:1.5rem 0 .5rem}
    main h5,main h6{font-size:1rem;margin:1.2rem 0 .4rem}
    main p{margin:.7rem 0;max-width:44rem}
    main ul{padding-inline-start:1.3rem;margin:.7rem 0;max-width:44rem}
    main li{margin:.35rem 0}
    .note{color:var(--muted);font-size:.85em}
    .notice{border-inline-start:4px solid var(--warn);background:var(--warntint);color:var(--warn);padding:.6rem .9rem;\
    max-width:44rem}
    dl{display:grid;grid-template-columns:minmax(8rem,13rem) minmax(0,1fr);margin:1rem 0;\
    border-top:1px solid var(--rule);max-width:52rem}
    dl>div{display:grid;grid-template-columns:subgrid;grid-column:1/-1;border-bottom:1px solid var(--rule);padding:.4rem 0}
    dt{color:var(--muted);font-size:.92rem;padding-inline-end:1rem}
    dd{margin:0;grid-column:2}
    .scroll{overflow-x:auto;margin:1.2rem 0;border:1px solid var(--rule)}
    table{border-collapse:collapse;width:100%;font-size:.92rem;line-height:1.45}
    caption{text-align:start;font-weight:600;padding:.6rem .75rem;background:var(--tint);border-bottom:1px solid var(--rule)}
    th,td{text-align:start;vertical-align:top;padding:.5rem .75rem;border-bottom:1px solid var(--rule);min-width:7.5rem}
    thead th{background:var(--tint);border-bottom:2px solid var(--accent)}
    tbody th{font-weight:600}
    tbody tr:last-child>*{border-bottom:0}
    .records td,.records th,.code{font-family:ui-monospace,"Noto Sans Mono",Consolas,monospace;font-size:.8rem;\
    overflow-wrap:anywhere;font-weight:400}
    figure{margin:1.5rem 0;padding:1rem;background:var(--tint);border:1px solid var(--rule)}
    figcaption{font-weight:600;margin-bottom:.6rem}
    figure svg{display:block;width:100%;height:auto;max-width:28rem;overflow:visible}
    svg text{font-family:inherit;font-size:13px;fill:var(--ink)}
    svg .faint{fill:var(--muted);font-size:11.5px}
    svg .line{stroke:var(--rule);stroke-width:2;fill:none}
    svg .link{stroke:var(--mark);stroke-width:1.6;fill:none;opacity:.75}
    svg .dot{fill:var(--mark)}
    svg .ring{fill:var(--paper);stroke:var(--mark);stroke-width:2.5}
    svg .count{font-size:11px;font-weight:700;text-anchor:middle}
    .foot{border-top:1px solid var(--rule);margin-top:0}
    .foot h2{font-size:1.1rem;margin:.5rem 0}
    .foot dl{font-size:.9rem;max-width:none}
    @media (min-width:64rem){
    .page{grid-template-columns:16rem minmax(0,1fr);align-items:start}
    nav{position:sticky;top:0;max-height:100vh;overflow-y:auto;padding:2rem 1rem 2rem 3rem}
    [dir=rtl] nav{padding:2rem 3rem 2rem 1rem}
    main{margin-top:0;min-height:60vh}
    }
    @media (max-width:34rem){
    dl{display:block}dl>div{display:block}dd{margin-top:.1rem}
    .bar{gap:.5rem}.masthead h1{margin-top:1.4rem}
    }
    """

  private static let print = """
    body{background:#fff;font-size:10pt;line-height:1.45}dl>div{padding:.22rem 0}
    .masthead{background:none;color:#000;border-bottom:3pt solid #00527f}
    .masthead .series,.bar .kind{color:#333}.bar{border-color:#999}
    .skip{display:none}.tlp{border:1px solid #000;print-color-adjust:exact;-webkit-print-color-adjust:exact}
    .page,.inner{max-width:none;display:block;padding-inline:0}
    nav{position:static;max-height:none;padding:1.2rem 0 0;break-after:page}
    main{padding:0;margin:0}
    main>section{break-before:page}main>section:first-child{break-before:auto}
    h2,h3,h4,h5{break-after:avoid}figure,tr,dl>div,.notice{break-inside:avoid}
    thead{display:table-header-group}.foot .inner{break-inside:avoid}.scroll{overflow:visible}
    a{color:inherit;text-decoration:none}
    p,li{orphans:3;widows:3}
    """
}
