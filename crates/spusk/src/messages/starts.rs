//! Many starts.

messages! {
    // Many starts.
    starts_heading() { en: "Many starts", ru: "Много стартов" }
    starts_about(kinds, runs) {
        en: "The experiment of Choromanska and others of the Courant Institute (2015, “The loss surfaces of multilayer networks”): networks of each width ({kinds}), {runs} trainings of each, every one from other random first weights and with its own order of the rows.",
        ru: "Опыт Хоромански и соавторов из Института Куранта (2015, «The loss surfaces of multilayer networks»): сети каждой ширины ({kinds}), обучений каждой: {runs}, у каждого свои случайные начальные веса и свой порядок строк.",
    }
    starts_data(train, test, shape) {
        en: "{train} rows train, {test} rows test; a network sees {shape} numbers of each.",
        ru: "Обучающих строк {train}, тестовых {test}; от каждой сеть видит чисел: {shape}.",
    }
    starts_ours(settings) {
        en: "What the paper leaves open is our choice, not theirs: {settings}. The paper draws first weights “uniformly within the unit cube”.",
        ru: "Чего в статье нет, выбрали мы, а не её авторы: {settings}. В статье начальные веса взяты «равномерно из единичного куба».",
    }
    starts_losses() { en: "Test loss by width", ru: "Потеря на тесте по ширине" }
    starts_kind() { en: "hidden units", ru: "скрытых нейронов" }
    column_parameters() { en: "parameters", ru: "параметров" }
    starts_least() { en: "least", ru: "наименьшая" }
    starts_median() { en: "median", ru: "медиана" }
    starts_largest() { en: "largest", ru: "наибольшая" }
    starts_spread() { en: "quartiles apart", ru: "между квартилями" }
    starts_relative() { en: "of the median", ru: "от медианы" }
    starts_accuracy() { en: "median accuracy", ru: "медиана точности" }
    starts_diverged(named) {
        en: "Trainings that diverged are left out ({named}); a smaller --learning-rate would keep them.",
        ru: "Разошедшиеся обучения не учтены ({named}); с меньшим --learning-rate они бы сошлись.",
    }
    starts_correlation() { en: "Correlation of training and test loss", ru: "Корреляция потерь на обучении и на тесте" }
    starts_correlation_about() {
        en: "Were a deeper minimum of the training loss always better, the two would go together (1); where they do not (0), looking for the global minimum gains nothing on new data.",
        ru: "Если бы более глубокий минимум потери на обучении всегда был лучше, обе потери шли бы вместе (1); где этого нет (0), поиск глобального минимума ничего не даёт на новых данных.",
    }
    starts_correlation_column() { en: "correlation", ru: "корреляция" }
    starts_interval() { en: "95 % interval", ru: "95 %-й интервал" }
    starts_published() { en: "published (MNIST)", ru: "в статье (MNIST)" }
    starts_index() { en: "Index of the Hessian", ru: "Индекс матрицы Гессе" }
    starts_index_about() {
        en: "The share of directions in which the surface of the training loss bends down (eigenvalues below −0.001): 0 at a minimum, about a half at random weights.",
        ru: "Доля направлений, в которых поверхность потери изгибается вниз (собственные числа ниже −0,001): в минимуме 0, при случайных весах около половины.",
    }
    starts_index_negative() { en: "bending down", ru: "вниз" }
    starts_index_zero() { en: "flat (within ±0.001)", ru: "плоских (в пределах ±0,001)" }
    starts_index_smallest() { en: "smallest eigenvalue", ru: "наименьшее собств. число" }
    starts_index_largest() { en: "largest", ru: "наибольшее" }
    starts_index_how() { en: "how (networks)", ru: "как (сетей)" }
    starts_index_counted(networks) {
        en: "counted ({networks})",
        ru: "сосчитано ({networks})",
    }
    starts_index_estimated(networks) {
        en: "estimated ({networks})",
        ru: "оценено ({networks})",
    }
    starts_index_honest(rows) {
        en: "The loss is that of {rows} training rows. Where the matrix is too large to count all eigenvalues, the share is estimated by Lanczos' method from random vectors, ± its standard error; directions with eigenvalues next to −0.001 may fall on either side, and the smallest eigenvalue found is only an upper bound. At kinks of ReLU the derivatives are those of the piece that the weights lie on.",
        ru: "Потеря взята по обучающим строкам ({rows}). Где матрица слишком велика, чтобы сосчитать все собственные числа, доля оценена методом Ланцоша по случайным векторам, ± стандартная ошибка; направления с числами около −0,001 могут попасть по любую сторону, а наименьшее число — лишь оценка сверху. На изломах ReLU производные — от того куска, на котором лежат веса.",
    }
    starts_ecdf() { en: "Share of trainings that ended below a loss", ru: "Доля обучений, пришедших ниже данной потери" }
    starts_share() { en: "share of trainings", ru: "доля обучений" }
    starts_legend() { en: "Legend: hidden units.", ru: "Подписи — число скрытых нейронов." }
    starts_ecdf_note() {
        en: "A steep line: all trainings end alike. Legend: hidden units.",
        ru: "Крутая линия: все обучения кончаются одинаково. Подписи — число скрытых нейронов.",
    }
    starts_box_note() {
        en: "Boxes hold the middle half of the trainings, lines are medians, dots lie farther than 1.5 boxes away.",
        ru: "В ящике — средняя половина обучений, черта — медиана, точки дальше полутора ящиков.",
    }
    starts_scatter() { en: "Training and test loss of every training", ru: "Потери на обучении и на тесте каждого обучения" }
    starts_train_loss() { en: "training loss", ru: "потеря на обучении" }
    starts_correlation_note() {
        en: "Large dots: correlations by hidden units. Bars: 95 % intervals (Fisher).",
        ru: "Большие точки — корреляции по числу скрытых нейронов, полосы — 95 %-е интервалы (Фишер).",
    }
    starts_correlation_note_published() {
        en: "Large dots: ours, with 95 % intervals (Fisher). Small dots: published in 2015, for MNIST.",
        ru: "Большие точки — наши, с 95 %-ми интервалами (Фишер), малые — опубликованные в 2015 году.",
    }
    starts_conclusion() { en: "What was found", ru: "Что найдено" }
    starts_too_few() {
        en: "There are too few trainings to say anything; take --runs 50.",
        ru: "Обучений слишком мало, чтобы что-то сказать; возьмите --runs 50.",
    }
    starts_spread_falls(small, large, from, to, factor, interval) {
        en: "As the lecture says: larger networks end at minima of like quality. From {small} to {large} units the quartiles of the test loss move from {from} to {to} apart, by a factor of {factor} (95 % interval {interval}).",
        ru: "Как и говорит лекция: большие сети приходят к минимумам близкого качества. От {small} к {large} нейронам расстояние между квартилями потери на тесте меняется с {from} до {to}, в {factor} раза (95 %-й интервал {interval}).",
    }
    starts_spread_rises(small, large, from, to, factor, interval) {
        en: "This contradicts the lecture: here the larger networks end farther from each other. From {small} to {large} units the quartiles of the test loss move from {from} to {to} apart, by a factor of {factor} (95 % interval {interval}).",
        ru: "Это противоречит лекции: здесь большие сети расходятся сильнее. От {small} к {large} нейронам расстояние между квартилями потери на тесте меняется с {from} до {to}, в {factor} раза (95 %-й интервал {interval}).",
    }
    starts_spread_unclear(small, large, from, to, factor, interval) {
        en: "These trainings do not decide whether larger networks end closer together: from {small} to {large} units the quartiles of the test loss are {from} and {to} apart, a factor of {factor} whose 95 % interval {interval} holds 1. Take more --runs.",
        ru: "Эти обучения не решают, ближе ли друг к другу приходят большие сети: при {small} и {large} нейронах между квартилями потери на тесте {from} и {to}, отношение {factor}, его 95 %-й интервал {interval} содержит 1. Возьмите больше --runs.",
    }
    starts_relative_falls(from, to) {
        en: "Relative to the median loss the spread falls too, from {from} to {to}.",
        ru: "Относительно медианы разброс тоже падает, с {from} до {to}.",
    }
    starts_relative_rises(from, to) {
        en: "Relative to the median loss, however, the spread rises, from {from} to {to}.",
        ru: "Но относительно медианы разброс растёт, с {from} до {to}.",
    }
    starts_relative_unclear(from, to) {
        en: "Relative to the median loss the spread is {from} and {to}, which chance could do.",
        ru: "Относительно медианы разброс {from} и {to} — это может быть случайностью.",
    }
    starts_best_of_narrow(large, share, small, best) {
        en: "Of the trainings with {large} units, {share} end at least as low as the best of all with {small} units ({best}): a random start of a larger network is as good as a lucky one of a small network.",
        ru: "Из обучений с {large} нейронами не выше лучшего из всех с {small} нейронами ({best}) кончают {share}: столько случайных стартов большой сети не хуже самого удачного старта малой.",
    }
    starts_correlation_falls(from, to) {
        en: "The correlation of training and test loss falls from {from} to {to}: in the larger networks a deeper minimum of the training loss says less about new data, so the global one need not be found.",
        ru: "Корреляция потерь на обучении и на тесте падает с {from} до {to}: у больших сетей более глубокий минимум на обучении меньше говорит о новых данных, и глобальный искать незачем.",
    }
    starts_correlation_rises(from, to) {
        en: "The correlation of training and test loss rises from {from} to {to}, against what was published: here a deeper minimum is worth more in the larger networks.",
        ru: "Корреляция потерь на обучении и на тесте растёт с {from} до {to} — вопреки опубликованному: здесь у больших сетей более глубокий минимум значит больше.",
    }
    starts_correlation_unclear(from, to) {
        en: "The correlations of training and test loss, {from} and {to}, are not told apart by these trainings.",
        ru: "Корреляции потерь на обучении и на тесте, {from} и {to}, эти обучения не различают.",
    }
    starts_close() {
        en: "Close means close in loss, not in weights; one hidden layer and one way of training were tried.",
        ru: "Близость здесь — по потере, а не по весам; испытаны один скрытый слой и один способ обучения.",
    }
    starts_alone(name, runs, median, spread, worst) {
        en: "{name}: {runs} trainings end at a median test loss of {median}; the middle half lies within {spread} of it, the worst is {worst} above the best.",
        ru: "{name}: обучений {runs}, медиана потери на тесте {median}; средняя половина укладывается в {spread} от неё, худшее на {worst} выше лучшего.",
    }
    starts_forecast(runs, time, hessians, whole, threads) {
        en: "{runs} will take about {time} on {threads}, and their Hessians about {hessians}, {whole} in all, by short measurements.",
        ru: "Обучений: {runs} — около {time} (потоков: {threads}), матрицы Гессе — около {hessians}, всего {whole}, по коротким замерам.",
    }
    starts_need_rows() {
        en: "many starts need rows to train and rows for the test, and no series; give more rows",
        ru: "для многих стартов нужны строки для обучения и для теста, а не ряд; дайте больше строк",
    }
    starts_stopped() {
        en: "stopped before the end; with --folder DIR the same command would go on from here",
        ru: "остановлено до конца; с --folder ПАПКА та же команда продолжила бы отсюда",
    }
    starts_stopped_kept() {
        en: "stopped before the end; the same command goes on from here",
        ru: "остановлено до конца; та же команда продолжит отсюда",
    }
    starts_other_folder(folder, differing) {
        en: "{folder} holds another experiment (there → asked for: {differing}); name another folder, or give the same settings to go on",
        ru: "в папке {folder} другой опыт (там → задано: {differing}); назовите другую папку или задайте те же настройки, чтобы продолжить",
    }
    starts_settings_damaged() { en: "its settings.json is damaged", ru: "её settings.json повреждён" }
    starts_all_diverged(runs) {
        en: "all trainings diverged ({runs}): no loss to compare; take a smaller --learning-rate, and see `spusk train` with the same settings",
        ru: "все обучения разошлись ({runs}): сравнивать нечего; возьмите --learning-rate меньше и посмотрите `spusk train` с теми же настройками",
    }
    starts_as_texts(name) {
        en: "The rows are texts: they get the network that they usually have ({name}), and --hidden and --activation mean nothing here; --model names another.",
        ru: "Строки — тексты: они получают свою обычную сеть ({name}), --hidden и --activation здесь ничего не значат; другую сеть называет --model.",
    }
    starts_goes_on(done, all) {
        en: "{done} of {all} trainings are over already; going on.",
        ru: "Готово обучений: {done} из {all}; продолжаю.",
    }
    starts_progress(done, all, time) {
        en: "{done} of {all} trainings, {time}",
        ru: "обучений: {done} из {all}, {time}",
    }
    starts_one_by_one() {
        en: "These networks have layers, or an optimizer, that cannot be computed for many networks at once; they are trained one by one, each on one thread.",
        ru: "Слои этих сетей или способ оптимизации не считаются сразу для многих сетей; сети обучаются по одной, каждая в одном потоке.",
    }
}
