extension FixedWords {
  /// The words in Russian: a key and what is said, a line each.
  static let russian = """
    document.contents Содержание
    document.skip Перейти к тексту
    document.report Доклад о результатах
    document.about Об этом документе
    document.classification Распространение
    document.version Версия правил
    document.replaced Заменяет содержание с хешем
    annex Приложение
    part.A Мандат и история вопроса
    part.B Диалоги
    part.C Результаты и выводы по темам
    part.D Рекомендации
    part.E Консультации
    annex.1 Партнеры
    annex.2 Источники
    annex.3 Пробелы и неразглашаемые сведения
    annex.4 Записи, на которых основан доклад
    part.PART_A Часть A
    part.PART_B Часть B
    part.PART_C Часть C
    part.PART_D Часть D
    part.PART_E Часть E
    part.ANNEXES Приложения
    label.series Серия
    label.launched Начало
    label.focus Регион
    label.owner Ответственный
    label.aims Цели
    label.initiative Инициатива
    label.adoptedBy Кем принят
    label.adopted Дата принятия
    label.address Доступно по адресу
    label.paragraph Пункт
    label.verb Постановляющий глагол
    label.advisee Кого консультировать
    label.groups С кем консультироваться
    label.date Даты
    label.place Место
    label.venue Место проведения
    label.format Формат
    label.participants Участники
    label.panel Дискуссионная группа
    label.moderator Ведущий
    label.panellists Участники дискуссии
    label.interventions Выступления
    label.group Рабочая группа
    label.chair Председатель
    label.rapporteur Докладчик
    label.members Члены
    label.contributor Предоставлено
    label.recommendation Рекомендация
    label.state Состояние
    label.addressee Адресат
    label.directive На основании
    label.priority Приоритет
    label.due Срок
    label.response Ответ
    label.grounds Основана на
    label.followUps Последующие меры
    label.successor Заменена на
    label.stakeholders Группа заинтересованных сторон
    label.elsewhere Вне этих диалогов
    label.organization Организация
    label.role Роль
    label.subject В чем
    label.period Период
    label.contribution Вклад
    label.record Запись
    label.digest SHA-256
    label.contentDigest Хеш содержания
    label.revision Ревизия реестра
    label.treeHead Корень дерева аудита
    label.missing Чего не хватает
    label.withheld Не разглашается
    text.chathamHouse Проведено по правилу Чатем-Хаус: участники не называются.
    text.fewerThan менее %
    text.redacted Имя удалено %
    text.redactedUndated Имя удалено
    text.machine машинный перевод
    text.more и еще %
    text.nothingFound По этой теме ничего не записано.
    text.noPanels Дискуссионные группы не записаны.
    text.noSummary Резюме не записано.
    text.noResults Результаты не записаны.
    text.none Нет.
    text.notConsulted консультаций не было
    text.otherThemes Без темы
    text.waived снято: %
    text.since с %
    text.until до %
    figure.timeline Диалоги во времени
    figure.timeline.about Диалоги от первого до последнего. Даты и места указаны в тексте ниже.
    figure.partners Партнеры по ролям
    figure.partners.about Линии ведут от организаций к их ролям. То же самое указано в таблице ниже.
    format.WORKSHOP семинар
    format.CONFERENCE конференция
    format.PANEL дискуссия
    format.OPEN_BRIEFING открытый брифинг
    modality.IN_PERSON очно
    modality.ONLINE онлайн
    modality.HYBRID гибридный формат
    role.LAUNCHER Инициатор
    role.ORGANIZER Организатор
    role.CO_ORGANIZER Соорганизатор
    role.HOST Принимающая сторона
    role.COOPERATING В сотрудничестве с
    role.SUPPORTER При поддержке
    role.ADDITIONAL_SUPPORTER При дополнительной поддержке
    role.FUNDER Финансирование
    role.KNOWLEDGE_PARTNER Партнер по знаниям
    finding.EXPERIENCE Опыт
    finding.CHALLENGE Проблемы
    finding.GOOD_PRACTICE Передовая практика
    finding.CONCLUSION Выводы
    advice.DRAFT проект
    advice.SUBMITTED представлена
    advice.ACCEPTED принята
    advice.PARTIALLY_ACCEPTED принята частично
    advice.REJECTED отклонена
    advice.IMPLEMENTING выполняется
    advice.IMPLEMENTED выполнена
    advice.WITHDRAWN отозвана
    advice.SUPERSEDED заменена
    priority.LOW низкий
    priority.MEDIUM средний
    priority.HIGH высокий
    stakeholders.MEMBER_STATES государства-члены
    stakeholders.INTERNATIONAL_ORGANIZATIONS международные организации
    stakeholders.REGIONAL_ORGANIZATIONS региональные организации
    stakeholders.SUBREGIONAL_ORGANIZATIONS субрегиональные организации
    stakeholders.PRIVATE_SECTOR частный сектор
    stakeholders.CIVIL_SOCIETY гражданское общество
    verb.NOTES отмечает
    verb.CALLS_UPON призывает
    verb.ENCOURAGES рекомендует
    verb.REQUESTS просит
    verb.DIRECTS поручает
    verb.DECIDES постановляет
    intervention.ADDRESS Обращение
    intervention.STATEMENT Заявление
    intervention.PRESENTATION Доклад
    gap.GROUP_WITHOUT_RESULTS У рабочей группы нет результатов
    gap.PANEL_WITHOUT_SUMMARY У дискуссионной группы нет резюме
    gap.DIALOGUE_WITHOUT_PANELS Дискуссионные группы не записаны
    gap.THEME_WITHOUT_FINDINGS По теме нет выводов
    gap.DIALOGUE_NOT_CONCLUDED Диалог не завершен
    report.DRAFT проект
    report.COMPILED составлен, не рассмотрен
    report.IN_REVIEW на рассмотрении
    report.APPROVED утвержден
    report.PUBLISHED опубликован
    report.SUPERSEDED заменен
    report.DELETED удален
    """
}
