// The words of the page. Terms of the domain are not here: their labels come from /api/schema.

const WORDS = {
  ja: {
    title: "AIインフラ知識グラフ", tagline: "技術記事が語る、誰が何をつくり、誰と競うのか",
    search: "企業・チップ・モデルなどを検索", searchHint: "日本語でも英語でも（/ キー）", noHits: "該当なし", moreHits: "ほかにも候補があります",
    graph: "グラフ", table: "表", classes: "種類", properties: "関係", modality: "様相", confidence: "確信度", atLeast: "{0} 以上",
    reset: "絞り込みを解除", filters: "凡例と絞り込み", only: "これだけ", close: "閉じる", back: "戻る", zoomIn: "拡大", zoomOut: "縮小", fit: "全体を表示",
    theme: "配色を切り替える", api: "API", query: "SPARQL", language: "English",
    shown: "エンティティ {0} / {1}　関係 {2} / {3}", shownHelp: "表示中 / グラフ全体",
    around: "{0} / {1} 件を表示", more: "さらに表示", expand: "隣接を展開", collapse: "折りたたむ", focus: "ここを中心に",
    loading: "読み込み中…", retry: "やり直す", offline: "サーバーに接続できません", failed: "表示できません", "unknown-entity": "その名前のエンティティは見つかりません", "no-path": "経路が見つかりません", "unknown-edge": "その関係は見つかりません", didYouMean: "もしかして",
    empty: "この条件で表示できるものがありません", emptyGraph: "グラフはまだ空です。記事を読み込んで構築してください。",
    start: "はじめに", startText: "検索するか、グラフのノードを選ぶと隣接が広がります。線を選ぶと、その根拠となる文がすべて読めます。",
    central: "中心にあるもの", questions: "問いの例", posts: "記事", mentions: "言及", neighbors: "隣接", entities: "エンティティ", relations: "関係", claims: "言明",
    rank: "{0}位", of: "{0}件中", aliases: "表記", found: "オントロジー外（文中から検出）", maker: "既知の開発元", parent: "既知の親", background: "背景知識（記事の記述ではない）",
    metrics: "指標", facts: "記事が述べること", quantities: "数量", noFacts: "この項目についての関係はまだありません。", support: "{0} 記事", evidence: "根拠となる文", noEvidence: "根拠の文が見つかりません",
    standaloneText: "ノードを選ぶとその関係が、線を選ぶと根拠となる文がすべて読めます。このファイルだけで動き、どこにも接続しません。", offsets: "文字位置 {0}–{1}", frame: "検出した構文", period: "期間", undated: "日付なし", subject: "主語", object: "目的語", property: "関係", date: "日付",
    pathTo: "ここからの経路", pathHint: "行き先の名前", pathNone: "経路が見つかりません", pathSteps: "{0} 段", pathClear: "経路を消す", show: "表示",
    tableCaption: "表示中の関係", graphLabel: "知識グラフ。エンティティ {0} 件、関係 {1} 件。矢印キーで移動、Enter で展開。同じ内容は表でも読めます。",
    selected: "選択: {0}", expanded: "{0} を展開しました（{1} 件追加）", run: "実行", running: "実行中…", rows: "{0} 行", result: "結果", examples: "質問の例", download: "保存", yes: "はい", no: "いいえ", truncated: "上限に達したため一部のみ", toExplorer: "エクスプローラー", noRows: "該当する行はありません", queryIntro: "公開中のグラフに SPARQL 1.1 で問い合わせます（読み取り専用）。", queryLabel: "SPARQL の問い合わせ",
    skip: "検索へ移動",
  },
  en: {
    title: "AI Infrastructure Graph", tagline: "Who makes what and who competes with whom, as technology posts say it",
    search: "Search companies, chips, models …", searchHint: "in Japanese or English (press /)", noHits: "No match", moreHits: "There are more matches",
    graph: "Graph", table: "Table", classes: "Classes", properties: "Properties", modality: "Modality", confidence: "Confidence", atLeast: "{0} or more",
    reset: "Clear filters", filters: "Legend and filters", only: "only", close: "Close", back: "Back", zoomIn: "Zoom in", zoomOut: "Zoom out", fit: "Fit to view",
    theme: "Switch theme", api: "API", query: "SPARQL", language: "日本語",
    shown: "{0} of {1} entities, {2} of {3} edges", shownHelp: "shown / whole graph",
    around: "{0} of {1} shown", more: "Show more", expand: "Expand neighbours", collapse: "Collapse", focus: "Centre here",
    loading: "Loading …", retry: "Try again", offline: "The server cannot be reached", failed: "This cannot be shown", "unknown-entity": "No entity has that name", "no-path": "No path was found", "unknown-edge": "No such edge", didYouMean: "Did you mean",
    empty: "Nothing matches these filters", emptyGraph: "The graph is still empty. Build it from posts first.",
    start: "Start here", startText: "Search, or click a node to open its neighbours. Click an edge to read every sentence behind it.",
    central: "Most central", questions: "Example questions", posts: "posts", mentions: "mentions", neighbors: "neighbours", entities: "entities", relations: "edges", claims: "claims",
    rank: "#{0}", of: "of {0}", aliases: "Written as", found: "Not in the ontology (found in text)", maker: "Known maker", parent: "Known parent", background: "Background knowledge, not from posts",
    metrics: "Metrics", facts: "What posts say", quantities: "Quantities", noFacts: "No edges for this entity yet.", support: "{0} posts", evidence: "Evidence", noEvidence: "No sentence was found",
    standaloneText: "Choose a node to read its edges, or an edge to read every sentence behind it. This file works by itself and connects to nothing.", offsets: "characters {0}–{1}", frame: "found by", period: "Period", undated: "undated", subject: "Subject", object: "Object", property: "Property", date: "Date",
    pathTo: "Path from here", pathHint: "Name of the other end", pathNone: "No path found", pathSteps: "{0} steps", pathClear: "Clear path", show: "Show",
    tableCaption: "Edges in view", graphLabel: "Knowledge graph with {0} entities and {1} edges. Arrow keys move, Enter expands. The table holds the same content.",
    selected: "Selected: {0}", expanded: "Expanded {0} ({1} added)", run: "Run", running: "Running …", rows: "{0} rows", result: "Result", examples: "Examples", download: "Save", yes: "Yes", no: "No", truncated: "Limit reached: this is only a part", toExplorer: "Explorer", noRows: "No rows", queryIntro: "Ask the published graph in SPARQL 1.1 (read-only).", queryLabel: "SPARQL query",
    skip: "Skip to search",
  },
};

export const lang = () => (document.documentElement.lang === "en" ? "en" : "ja");

/** Set the language of the page and remember it. */
export function setLang(value) {
  document.documentElement.lang = value;
  try { localStorage.setItem("kg.lang", value); } catch { /* private mode: it lasts for this page */ }
}

/** Whether the page has words for a key. */
export const known = (key) => key in WORDS[lang()];

/** A word or sentence of the page, with `{0}`, `{1}` … filled in. */
export function t(key, ...values) {
  return (WORDS[lang()][key] ?? key).replace(/\{(\d)\}/g, (_, i) => String(values[i] ?? ""));
}

/** The label of a term of the schema in the page's language. */
export const label = (term, kind = "label") => term?.[kind]?.[lang()] ?? term?.[kind]?.en ?? term?.name ?? "";

/** A text by language, such as a query's title, in the page's language. */
export const words = (text) => text?.[lang()] ?? text?.en ?? "";

/** The name to show for an entity: in Japanese the one that posts write (see `label_ja` of the API). */
export function nameOf(entity) {
  return (lang() === "ja" && (entity.label_ja || entity.name_ja)) || entity.name;
}

export const number = (value) => new Intl.NumberFormat(lang()).format(value);

/** A date as the post has it, without the time. */
export const day = (value) => (value ? value.slice(0, 10) : t("undated"));
